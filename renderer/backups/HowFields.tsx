// How a backup is made: for one that starts now and for those of a schedule alike.
import { Checkbox, Group, NumberInput, Select, TextInput } from '@mantine/core';
import { formatChoices, levelsOf, methodChoices, type BackupForm } from './options.ts';

export type BackupPart = { form: BackupForm; patch: (change: Partial<BackupForm>) => void };

/** `labelled`: an example of a label that fits. */
export function HowFields({ form, patch, labelled = 'before release 4.2' }: BackupPart & { labelled?: string }) {
  const levels = levelsOf(form.method);
  return (
    <>
      <Group grow align="flex-start" gap="sm">
        <Select
          label="Format"
          data={formatChoices}
          value={form.format}
          onChange={(format) => patch({ format: formatChoices.find((choice) => choice.value === format)?.value ?? 'auto' })}
        />
        <TextInput
          label="Label"
          placeholder={`e.g. ${labelled}`}
          maxLength={200}
          value={form.label}
          onChange={(event) => patch({ label: event.currentTarget.value })}
        />
      </Group>
      <Group grow align="flex-start" gap="sm">
        <Select
          label="Compression"
          data={methodChoices}
          value={form.method}
          onChange={(method) => patch({ method: methodChoices.find((choice) => choice.value === method)?.value ?? 'auto', level: null })}
        />
        <NumberInput
          label="Level"
          placeholder={levels === null ? 'none to choose' : 'default'}
          disabled={levels === null}
          min={levels?.[0] ?? 0}
          max={levels?.[1] ?? 0}
          allowDecimal={false}
          value={form.level ?? ''}
          onChange={(level) => patch({ level: typeof level === 'number' ? level : null })}
        />
        <NumberInput
          label="Parallel jobs"
          placeholder="automatic"
          disabled={form.format !== 'directory' && form.format !== 'auto'}
          min={1}
          max={64}
          allowDecimal={false}
          value={form.jobs ?? ''}
          onChange={(jobs) => patch({ jobs: typeof jobs === 'number' ? jobs : null })}
        />
      </Group>
      <Checkbox
        label="Quick: leave out rows of log- and session-like tables"
        description="Their definitions are kept. Which tables: the profile’s patterns, listed in the plan."
        checked={form.quick}
        onChange={(event) => patch({ quick: event.currentTarget.checked })}
      />
      <Checkbox
        label="Add roles and tablespaces (globals.sql)"
        description="Without passwords."
        checked={form.globals}
        onChange={(event) => patch({ globals: event.currentTarget.checked })}
      />
      <Checkbox
        label="Deep verify: also restore it once into a throw-away database"
        description="The surest proof: row counts are compared. Takes as long as a restore."
        checked={form.deepVerify}
        onChange={(event) => patch({ deepVerify: event.currentTarget.checked })}
      />
    </>
  );
}
