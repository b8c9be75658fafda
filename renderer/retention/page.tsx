// Retention: whose backups follow which rule, what a rule would do before it does it, and what was deleted.
import { Button, Tabs } from '@mantine/core';
import { IconRecycle } from '@tabler/icons-react';
import { useState } from 'react';
import type { Profile } from '../../shared/contract/profiles.ts';
import type { RetentionPolicy, RetentionScope } from '../../shared/contract/retention.ts';
import type { Schedule } from '../../shared/contract/schedules.ts';
import { api } from '../api.ts';
import { useApp } from '../app/store.ts';
import { go, useNavigation } from '../navigation.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { Empty, PageFrame, Scroll } from '../ui/PageFrame.tsx';
import ui from '../ui/ui.module.css';
import { ApplyDialog } from './ApplyDialog.tsx';
import { Deletions } from './Deletions.tsx';
import panes from '../ui/panes.module.css';
import styles from './retention.module.css';
import { policyOf, scopeKey } from './rule-form.ts';
import { RuleEditor } from './RuleEditor.tsx';

/** One whose backups can have a rule. */
export type Subject = {
  scope: RetentionScope;
  name: string;
  colour: string | null;
  /** Whose preview it is part of; null: everybody's. */
  profileId: string | null;
  policy: RetentionPolicy | undefined;
  /** What happens without a rule of its own. */
  otherwise: string;
};

export function RetentionPage() {
  const catalog = useApp((state) => state.catalog);
  const { id } = useNavigation();
  const [applying, setApplying] = useState(false);
  const [loaded, again] = useLoad('retention', load, catalog);
  const tab = id === 'deletions' ? 'deletions' : 'rules';
  return (
    <PageFrame
      title="Retention"
      subtitle="Which backups stay, and for how long"
      actions={
        <Button variant="default" leftSection={<IconRecycle size={15} />} onClick={() => setApplying(true)}>
          Clean up everything now…
        </Button>
      }
    >
      <Tabs
        value={tab}
        onChange={(value) => go('retention', value === 'deletions' ? 'deletions' : null)}
        classNames={{ root: styles['tabs'] ?? '', panel: styles['panel'] ?? '', list: styles['tabList'] ?? '' }}
      >
        <Tabs.List>
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
          <Tabs.Tab value="deletions">Record of deletions</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="rules">
          {loaded.status === 'ready' ? (
            <Rules subjects={loaded.value} id={id} />
          ) : (
            <Scroll>
              <Loaded of={loaded} what="rules" retry={again}>
                {() => null}
              </Loaded>
            </Scroll>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="deletions">
          <Deletions />
        </Tabs.Panel>
      </Tabs>
      {applying && <ApplyDialog profileId={null} name="all profiles" onClose={() => setApplying(false)} />}
    </PageFrame>
  );
}

async function load(): Promise<Subject[]> {
  const [policies, profiles, schedules] = await Promise.all([api.retention.list(), api.profiles.list(), api.schedules.list()]);
  return subjectsOf(policies, profiles, schedules);
}

function subjectsOf(policies: RetentionPolicy[], profiles: Profile[], schedules: Schedule[]): Subject[] {
  return [
    ...profiles.map((profile): Subject => {
      const scope: RetentionScope = { kind: 'profile', profileId: profile.id };
      return {
        scope,
        name: profile.name,
        colour: profile.colour,
        profileId: profile.id,
        policy: policyOf(policies, scope),
        otherwise: 'No rule: every backup stays',
      };
    }),
    ...schedules.flatMap((schedule): Subject[] => {
      if (schedule.task.kind !== 'backup') return [];
      const scope: RetentionScope = { kind: 'schedule', scheduleId: schedule.id };
      return [
        {
          scope,
          name: schedule.name,
          colour: schedule.colour,
          profileId: schedule.task.profileId,
          policy: policyOf(policies, scope),
          otherwise: `Follows ${schedule.profile}`,
        },
      ];
    }),
    {
      scope: { kind: 'safety' },
      name: 'Safety backups',
      colour: null,
      profileId: null,
      policy: policyOf(policies, { kind: 'safety' }),
      otherwise: 'No rule: every safety backup stays',
    },
  ];
}

const groups = [
  { kind: 'profile', title: 'Profiles' },
  { kind: 'schedule', title: 'Schedules' },
  { kind: 'safety', title: 'Made before restores' },
] as const;

function Rules({ subjects, id }: { subjects: Subject[]; id: string | null }) {
  const opened = subjects.find((subject) => scopeKey(subject.scope) === id) ?? subjects[0];
  if (opened === undefined) return <Empty title="Nothing to keep yet" />;
  return (
    <div className={panes['panes']}>
      <nav className={panes['list']} aria-label="Rules">
        {groups.map(({ kind, title }) => {
          const some = subjects.filter((subject) => subject.scope.kind === kind);
          return (
            some.length > 0 && (
              <div key={kind} role="group" aria-label={title}>
                <h2>{title}</h2>
                {some.map((subject) => (
                  <button
                    key={scopeKey(subject.scope)}
                    type="button"
                    className={panes['item']}
                    aria-label={`${subject.name}: ${subject.policy?.words ?? subject.otherwise}`}
                    aria-current={subject === opened ? 'true' : undefined}
                    onClick={() => {
                      if (subject !== opened) go('retention', scopeKey(subject.scope));
                    }}
                  >
                    <span className={ui['dot']} style={{ background: subject.colour ?? 'var(--h-neutral)' }} />
                    <span className={panes['itemText']}>
                      <span className="cut" title={subject.name}>
                        {subject.name}
                      </span>
                      <span className="dim">{subject.policy?.words ?? subject.otherwise}</span>
                    </span>
                  </button>
                ))}
              </div>
            )
          );
        })}
      </nav>
      <RuleEditor key={`${scopeKey(opened.scope)} ${opened.policy?.updatedAt}`} subject={opened} />
    </div>
  );
}
