import { Button, Group, Stack, TagsInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '../api.ts';
import { bytes, plural } from '../ui/format.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { Section } from '../ui/PageFrame.tsx';
import styles from './profiles.module.css';

/** Which tables' rows a quick backup leaves out, with candidates from the database itself. */
export function QuickPatterns({
  profileId,
  patterns,
  onChange,
}: {
  profileId: string | null;
  patterns: string[];
  onChange: (patterns: string[]) => void;
}) {
  const [asked, setAsked] = useState(false);
  const [tables, again] = useLoad(asked && profileId !== null ? profileId : null, () => api.profiles.tables({ id: profileId ?? '' }));
  return (
    <Section title="Quick backups">
      <Stack gap="sm">
        <TagsInput
          label="Leave out the rows of"
          description="Table patterns as pg_dump knows them, e.g. public.log_*; the tables themselves are kept, empty"
          placeholder={patterns.length === 0 ? 'Type a pattern and press Enter' : ''}
          value={patterns}
          onChange={onChange}
          splitChars={[',']}
        />
        {!asked && (
          <Button variant="default" disabled={profileId === null} onClick={() => setAsked(true)} style={{ alignSelf: 'flex-start' }}>
            Suggest tables from the database
          </Button>
        )}
        {profileId === null && <span className="dim">Save the connection first to get suggestions.</span>}
        {asked && (
          <Loaded of={tables} what="tables" retry={again}>
            {({ tables: all, database }) => {
              const candidates = all
                .filter((table) => table.suggestExclude)
                .map((table) => ({ ...table, pattern: patternOf(table.schema, table.table) }))
                .filter((table) => !patterns.includes(table.pattern))
                .toSorted((a, b) => b.sizeBytes - a.sizeBytes);
              if (candidates.length === 0)
                return <span className="dim">No other log-, session- or cache-like tables were found in {database}.</span>;
              return (
                <Stack gap={4}>
                  <Group justify="space-between">
                    <span className="dim">
                      {plural(candidates.length, 'table')} in {database} that a quick backup could do without:
                    </span>
                    <Button variant="subtle" onClick={() => onChange([...patterns, ...candidates.map((table) => table.pattern)])}>
                      Add all
                    </Button>
                  </Group>
                  <ul className={styles['suggestions']} aria-label="Suggested tables">
                    {candidates.map((table) => (
                      <li key={table.pattern}>
                        <span className="mono cut" title={table.pattern}>
                          {table.pattern}
                        </span>
                        <span className="dim numbers">{bytes(table.sizeBytes)}</span>
                        <Button
                          variant="subtle"
                          leftSection={<IconPlus size={13} />}
                          aria-label={`Add ${table.pattern}`}
                          onClick={() => onChange([...patterns, table.pattern])}
                        >
                          Add
                        </Button>
                      </li>
                    ))}
                  </ul>
                </Stack>
              );
            }}
          </Loaded>
        )}
      </Stack>
    </Section>
  );
}

/** A pattern that means exactly this table: quoted where psql's pattern rules would fold or expand it. */
function patternOf(schema: string, table: string): string {
  const quoted = (name: string) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);
  return `${quoted(schema)}.${quoted(table)}`;
}
