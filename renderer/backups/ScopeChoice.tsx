import { Checkbox, Group, SegmentedControl, Stack } from '@mantine/core';
import { api } from '../api.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { useLoad } from '../ui/loadable.ts';
import { TablePicker } from '../ui/TablePicker.tsx';
import type { BackupForm, Scope } from './options.ts';

/** The whole database, or chosen schemas or tables out of what the server has. */
export function ScopeChoice({
  profileId,
  database,
  form,
  patch,
}: {
  profileId: string;
  database: string;
  form: BackupForm;
  patch: (change: Partial<BackupForm>) => void;
}) {
  const [tables, again] = useLoad(form.scope === 'all' ? null : `${profileId} ${database}`, () =>
    api.profiles.tables({ id: profileId, ...(database === '' ? {} : { database }) }),
  );
  return (
    <Stack gap={6}>
      <SegmentedControl<Scope>
        aria-label="What to back up"
        value={form.scope}
        onChange={(scope) => patch({ scope })}
        data={[
          { value: 'all', label: 'Whole database' },
          { value: 'schemas', label: 'Chosen schemas' },
          { value: 'tables', label: 'Chosen tables' },
        ]}
      />
      {form.scope !== 'all' && (
        <Loaded of={tables} what="tables" retry={again}>
          {({ tables: all }) =>
            form.scope === 'tables' ? (
              <TablePicker
                label="Tables to back up"
                tables={all.map((table) => ({ ...table, rows: table.rowEstimate }))}
                selected={form.tables}
                onChange={(chosen) => patch({ tables: chosen })}
                height={220}
              />
            ) : (
              <Checkbox.Group aria-label="Schemas to back up" value={form.schemas} onChange={(schemas) => patch({ schemas })}>
                <Group gap="md">
                  {[...new Set(all.map((table) => table.schema))].toSorted().map((schema) => (
                    <Checkbox key={schema} value={schema} label={<span className="mono">{schema}</span>} />
                  ))}
                </Group>
              </Checkbox.Group>
            )
          }
        </Loaded>
      )}
    </Stack>
  );
}
