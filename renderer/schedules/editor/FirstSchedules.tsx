// Nothing is scheduled yet: what unattended means here, and the usual set for a profile in one click.
import { Button, Group, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBell, IconBolt, IconCalendarPlus, IconMoon, IconRecycle, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '../../api.ts';
import { catalogChanged } from '../../app/store.ts';
import { isDesktop } from '../../host.ts';
import { go } from '../../navigation.ts';
import { profileLabel } from '../../profiles/ProfileTag.tsx';
import { useProfileList } from '../../profiles/store.ts';
import { plural } from '../../ui/format.ts';
import { useAction, useLoad } from '../../ui/loadable.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { PageFrame, Scroll } from '../../ui/PageFrame.tsx';
import { machineZone, zoneName } from '../calendar/zone.ts';
import styles from './first.module.css';
import { openScheduleEditor } from './store.ts';

/** What `schedules.addPreset` sets where the profile has no rule; the test of this page compares the two. */
const presetRule = 'keeps the last 7, 14 daily, 8 weekly, 12 monthly; at least 3 of each';

export function FirstSchedules() {
  const profiles = useProfileList();
  const [chosen, setChosen] = useState<string | null>(null);
  const profile = profiles.find((one) => one.id === chosen) ?? profiles[0];
  const zone = machineZone();
  const { doing, run } = useAction();
  const [rules] = useLoad('rules', () => api.retention.list());
  const own =
    rules.status === 'ready' ? rules.value.find(({ scope }) => scope.kind === 'profile' && scope.profileId === profile?.id) : undefined;
  const add = () =>
    run(async () => {
      if (profile === undefined) return;
      const made = await api.schedules.addPreset({ profileId: profile.id, timeZone: zone });
      notifications.show({ message: `${plural(made.length, 'schedule')} for ${profile.name} were added` });
      catalogChanged();
    });
  return (
    <PageFrame title="Schedules" subtitle="Nothing runs by itself yet">
      <Scroll>
        <div className={styles['first']}>
          <h2>Backups that nobody has to think of</h2>
          <p>
            A schedule backs up by the clock of its own time zone. Each of its times leaves a record: done, failed, missed, caught up or
            skipped. What should have run and did not is said at the top of every page, and by message where you want it.
          </p>
          {profiles.length === 0 ? (
            <div className={styles['preset']}>
              <p>First it needs a connection: where the server is and who you are there.</p>
              <Button onClick={() => go('profiles', 'new')}>Add a connection</Button>
            </div>
          ) : (
            <section className={styles['preset']} aria-label="The usual set">
              <div className={styles['for']}>
                <h3>The usual set for</h3>
                <Select
                  aria-label="Profile"
                  data={profiles.map((one) => ({ value: one.id, label: profileLabel(one) }))}
                  value={profile?.id ?? null}
                  onChange={setChosen}
                  searchable
                  w={320}
                />
              </div>
              <ul className={styles['steps']}>
                <li>
                  <IconMoon size={18} aria-hidden />
                  <div>
                    <strong>Every night at 02:00</strong>
                    <span>
                      the whole {profile?.database === '' ? 'database' : <span className="mono">{profile?.database}</span>}, verified
                    </span>
                  </div>
                </li>
                <li>
                  <IconBolt size={18} aria-hidden />
                  <div>
                    <strong>Every hour from 09:00 to 17:00</strong>
                    <span>
                      a quick one
                      {profile?.quickExcludePatterns.length === 0
                        ? '; no patterns are set for this profile yet, so nothing is left out'
                        : `, without the rows of ${plural(profile?.quickExcludePatterns.length ?? 0, 'pattern')}`}
                    </span>
                  </div>
                </li>
                <li>
                  <IconRecycle size={18} aria-hidden />
                  <div>
                    <strong>Every night at 03:00</strong>
                    <span>a cleanup of what retention no longer wants</span>
                  </div>
                </li>
                <li>
                  <IconShieldCheck size={18} aria-hidden />
                  <div>
                    <strong>Retention</strong>
                    <span>
                      {own === undefined ? `a rule that ${presetRule}; the last good backup never goes` : `as it is: ${own.words}`}
                    </span>
                  </div>
                </li>
                {isDesktop() && (
                  <li>
                    <IconBell size={18} aria-hidden />
                    <div>
                      <strong>Messages</strong>
                      <span>a notification on this computer when something goes wrong, unless a channel is there already</span>
                    </div>
                  </li>
                )}
              </ul>
              {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
              <Group gap="sm">
                <Button leftSection={<IconCalendarPlus size={15} />} loading={doing.status === 'busy'} onClick={add}>
                  {`Add these to ${profile?.name ?? 'the profile'}`}
                </Button>
                <Button variant="default" onClick={() => openScheduleEditor({ draft: {} })}>
                  Make one of my own…
                </Button>
                <span className="dim">Times are those of {zoneName(zone)}. All of it can be changed later.</span>
              </Group>
            </section>
          )}
        </div>
      </Scroll>
    </PageFrame>
  );
}
