// One rule, and below it what it would do to the backups that are there, while it is still being typed.
import { Button, Group, NumberInput, Select, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useEffect, useState } from 'react';
import type { RetentionRule } from '../../shared/contract/retention.ts';
import { api } from '../api.ts';
import { catalogChanged, useApp } from '../app/store.ts';
import { setUnsaved } from '../navigation.ts';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { useAction, useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { ApplyDialog } from './ApplyDialog.tsx';
import type { Subject } from './page.tsx';
import { PreviewList } from './PreviewList.tsx';
import styles from './retention.module.css';
import {
  freshRule,
  isEmptyRule,
  keepsOnlyTheNewest,
  ruleForm,
  sizeUnits,
  toRule,
  type CountKey,
  type RuleForm,
  type SizeUnit,
} from './rule-form.ts';
import { rowsOf } from './rows.ts';

const fields: { key: CountKey; label: string; unit: string }[] = [
  { key: 'keepLast', label: 'The last', unit: 'backups' },
  { key: 'keepDays', label: 'Younger than', unit: 'days' },
  { key: 'hourly', label: 'One an hour, for', unit: 'hours' },
  { key: 'daily', label: 'One a day, for', unit: 'days' },
  { key: 'weekly', label: 'One a week, for', unit: 'weeks' },
  { key: 'monthly', label: 'One a month, for', unit: 'months' },
  { key: 'yearly', label: 'One a year, for', unit: 'years' },
];

export function RuleEditor({ subject }: { subject: Subject }) {
  const saved = subject.policy?.rule ?? freshRule;
  const [form, setForm] = useState<RuleForm>(() => ruleForm(saved));
  const [asking, setAsking] = useState<'apply' | 'remove' | null>(null);
  const { doing, run } = useAction();
  const rule = toRule(form);
  const changed = JSON.stringify(form) !== JSON.stringify(ruleForm(saved));
  const patch = (change: Partial<RuleForm>) => setForm((now) => ({ ...now, ...change }));
  useEffect(() => {
    setUnsaved(changed);
    return () => setUnsaved(false);
  }, [changed]);

  const save = () =>
    run(async () => {
      const policy = await api.retention.set({ scope: subject.scope, rule });
      setUnsaved(false);
      notifications.show({ message: `${policy.name}: ${policy.words}` });
      catalogChanged();
    });

  return (
    <form
      className={styles['editor']}
      aria-label={`Rule of ${subject.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && doing.status !== 'busy') save();
      }}
    >
      <div className={styles['rule']}>
        <div className={styles['ruleHead']}>
          <h2 className="cut" title={subject.name}>
            {subject.name}
          </h2>
          <span className="dim cut">{subject.policy === undefined ? subject.otherwise : 'A backup stays where any part wants it'}</span>
          {subject.policy !== undefined && (
            <Button variant="subtle" color="red" onClick={() => setAsking('remove')}>
              Remove the rule…
            </Button>
          )}
          <Button
            variant="default"
            disabled={changed}
            title={changed ? 'Save the rule first' : undefined}
            onClick={() => setAsking('apply')}
          >
            Apply now…
          </Button>
          <Button type="submit" disabled={!changed} loading={doing.status === 'busy'}>
            Save rule
          </Button>
        </div>
        <div className={styles['counts']} role="group" aria-label="What stays">
          {fields.map(({ key, label, unit }) => (
            <Count key={key} label={label} unit={unit} value={form[key]} onChange={(value) => patch({ [key]: value })} />
          ))}
          <Count label="Always at least" unit="newest" value={form.keepAtLeast} onChange={(value) => patch({ keepAtLeast: value ?? 1 })} />
          <Group gap={4} wrap="nowrap" align="flex-end">
            <NumberInput
              label="Size in all"
              styles={{ label: { whiteSpace: 'nowrap' } }}
              placeholder="no limit"
              min={0}
              decimalScale={2}
              hideControls
              value={form.size ?? ''}
              onChange={(size) => patch({ size: typeof size === 'number' ? size : null })}
              style={{ flex: 1 }}
            />
            <Select
              aria-label="Unit of size"
              data={Object.keys(sizeUnits)}
              value={form.unit}
              onChange={(unit) => patch({ unit: (['MB', 'TB'] as const).find((one) => one === unit) ?? ('GB' satisfies SizeUnit) })}
              w={68}
            />
          </Group>
        </div>
        <Warnings rule={rule} />
        {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
      </div>
      <LivePreview subject={subject} rule={rule} changed={changed} />
      {asking === 'apply' && (
        <ApplyDialog
          profileId={subject.profileId}
          name={
            subject.profileId === null ? 'all profiles' : subject.scope.kind === 'profile' ? subject.name : `the profile of ${subject.name}`
          }
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'remove' && (
        <ConfirmDialog
          title={`Remove the rule of ${subject.name}?`}
          action="Remove the rule"
          typed={null}
          onClose={() => setAsking(null)}
          onConfirm={async () => {
            await api.retention.remove({ scope: subject.scope });
            setUnsaved(false);
            catalogChanged();
          }}
        >
          <div>
            {subject.scope.kind === 'schedule'
              ? 'Its backups follow the rule of their profile then, which may want fewer of them.'
              : 'Its backups stay for ever then, until somebody deletes them.'}
          </div>
        </ConfirmDialog>
      )}
    </form>
  );
}

function Count({
  label,
  unit,
  value,
  onChange,
}: {
  label: string;
  unit: string;
  value: number | null;
  onChange: (value: number | null) => void;
}) {
  return (
    <NumberInput
      label={label}
      placeholder="–"
      min={1}
      max={100_000}
      clampBehavior="blur"
      allowDecimal={false}
      allowNegative={false}
      hideControls
      value={value ?? ''}
      onChange={(next) => onChange(typeof next === 'number' && next >= 1 ? next : null)}
      rightSection={<span className={`dim ${styles['unit']}`}>{unit}</span>}
      rightSectionWidth={62}
    />
  );
}

function Warnings({ rule }: { rule: RetentionRule }) {
  if (isEmptyRule(rule)) return <Notice tone="info">Nothing is filled in, so everything stays.</Notice>;
  if (!keepsOnlyTheNewest(rule)) return null;
  return (
    <Notice tone="warn" title="Only the newest backup of each database would stay">
      If it turns out that something was deleted from the database the day before, there would be nothing older to go back to.
    </Notice>
  );
}

function LivePreview({ subject, rule, changed }: { subject: Subject; rule: RetentionRule; changed: boolean }) {
  const catalog = useApp((state) => state.catalog);
  const [asked] = useDebouncedValue(JSON.stringify(rule), 200);
  const [preview, again] = useLoad(
    asked,
    (signal) =>
      api.retention.preview(
        {
          ...(subject.profileId === null ? {} : { profileId: subject.profileId }),
          instead: { scope: subject.scope, rule: JSON.parse(asked) as RetentionRule },
        },
        { signal },
      ),
    catalog,
  );
  return (
    <section className={styles['preview']} aria-label="What the rule would do">
      {preview.status === 'ready' ? (
        <PreviewList rows={rowsOf(preview.value, subject)} tried={changed} />
      ) : (
        <Stack p="md">
          <Loaded of={preview} what="what would go" retry={again}>
            {() => null}
          </Loaded>
        </Stack>
      )}
    </section>
  );
}
