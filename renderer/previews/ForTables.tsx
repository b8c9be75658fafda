// One line a table: a condition, or the columns of a key.
import { ActionIcon, Select, Stack, TextInput, Tooltip } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { TableName } from '../../shared/contract/common.ts';
import { tableKey, tableOf } from '../ui/TablePicker.tsx';
import styles from './previews.module.css';

const nameOf = (key: string) => `${tableOf(key).schema}.${tableOf(key).table}`;

export function ForTables({
  title,
  add,
  field,
  placeholder,
  tables,
  entries,
  onChange,
}: {
  title: string;
  /** The words of the select that adds a table. */
  add: string;
  /** What is typed beside the table. */
  field: string;
  placeholder: string;
  tables: readonly TableName[];
  /** By `tableKey`. */
  entries: ReadonlyMap<string, string>;
  onChange: (entries: ReadonlyMap<string, string>) => void;
}) {
  const free = tables.filter((table) => !entries.has(tableKey(table)));
  return (
    <Stack gap={6} role="group" aria-label={title}>
      <div>{title}</div>
      {[...entries].map(([table, text]) => (
        <div key={table} className={styles['forTable']}>
          <span className="mono cut" title={nameOf(table)}>
            {nameOf(table)}
          </span>
          <TextInput
            aria-label={`${field} for ${nameOf(table)}`}
            placeholder={placeholder}
            value={text}
            onChange={(event) => onChange(new Map(entries).set(table, event.currentTarget.value))}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            spellCheck={false}
          />
          <Tooltip label="Remove">
            <ActionIcon
              aria-label={`Remove ${nameOf(table)}`}
              onClick={() => onChange(new Map([...entries].filter(([key]) => key !== table)))}
            >
              <IconX size={14} />
            </ActionIcon>
          </Tooltip>
        </div>
      ))}
      {free.length > 0 && (
        <Select
          aria-label={add}
          placeholder={add}
          data={free.map((table) => ({ value: tableKey(table), label: `${table.schema}.${table.table}` }))}
          value={null}
          onChange={(key) => key !== null && onChange(new Map(entries).set(key, ''))}
          searchable
          limit={100}
          nothingFoundMessage="No table matches"
        />
      )}
    </Stack>
  );
}
