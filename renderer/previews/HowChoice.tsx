// Put the backup in place whole, or row by row: two different things to do to a live database.
import { Checkbox, Radio, SegmentedControl, Stack } from '@mantine/core';
import { strategies } from '../../shared/contract/previews.ts';
import type { Dump } from '../../shared/contract/dumps.ts';
import type { TargetForm } from '../restores/request.ts';
import { Section } from '../ui/PageFrame.tsx';
import { strategyWords } from './choice.ts';
import { ForTables } from './ForTables.tsx';
import styles from './previews.module.css';

type Props = { form: TargetForm; patch: (change: Partial<TargetForm>) => void; tables: Dump['tables'] };

export function HowChoice({ form, patch, tables }: Props) {
  return (
    <Section title="How">
      <Stack gap="sm">
        <Radio.Group aria-label="How to restore" value={form.how} onChange={(how) => patch({ how: how === 'rows' ? 'rows' : 'whole' })}>
          <Stack gap={8}>
            <Radio
              value="whole"
              label={form.everything ? 'Replace the database' : 'Replace the chosen tables'}
              description={
                form.everything
                  ? 'Restored beside, checked, then the names are swapped. Rows are not compared.'
                  : 'In one transaction. Rows are not compared.'
              }
            />
            <Radio
              value="rows"
              label="Row by row"
              description="Every row is compared with the live one first. You see what would happen, and choose, before anything does."
            />
          </Stack>
        </Radio.Group>
        {form.how === 'rows' && <RowByRow form={form} patch={patch} tables={tables} />}
      </Stack>
    </Section>
  );
}

function RowByRow({ form, patch, tables }: Props) {
  const names = tables.filter((table) => table.hasData);
  const special = form.conditions.size + form.keys.size > 0;
  return (
    <Stack gap="sm">
      <div>
        <SegmentedControl
          aria-label="Strategy"
          fullWidth
          value={form.strategy}
          onChange={(strategy) => patch({ strategy })}
          data={strategies.map((value) => ({ value, label: strategyWords[value].name }))}
        />
        <div className={`${styles['does']} dim`}>{strategyWords[form.strategy].does} It can still be changed when you see the result.</div>
      </div>
      {(!form.everything || form.conditions.size > 0) && (
        <Checkbox
          label="Also the rows that the chosen ones refer to"
          description="Found by the foreign keys. They are only added where they are missing."
          checked={form.withReferenced}
          onChange={(event) => patch({ withReferenced: event.currentTarget.checked })}
        />
      )}
      <details className={styles['more']} open={special || undefined}>
        <summary>Only some rows, or other keys</summary>
        <Stack gap="md" mt="sm">
          <ForTables
            title="Only rows where"
            add="Choose rows of a table"
            field="Condition"
            placeholder="id IN (4711, 4712)"
            tables={names}
            entries={form.conditions}
            onChange={(conditions) => patch({ conditions })}
          />
          <ForTables
            title="Rows are the same row when these columns are equal"
            add="Choose key columns for a table"
            field="Key columns"
            placeholder="country, code"
            tables={names}
            entries={form.keys}
            onChange={(keys) => patch({ keys })}
          />
        </Stack>
      </details>
    </Stack>
  );
}
