// One table: how its rows were paired, what is odd about it, and the rows that differ.
import { ActionIcon, Select, Tabs, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { RowKind, StrategyChoice, TablePreview } from '../../shared/contract/previews.ts';
import { count } from '../ui/format.ts';
import { Notice } from '../ui/Notice.tsx';
import { strategyOf, tableBlockers } from './choice.ts';
import { kindWords, rowTabs } from './kinds.ts';
import styles from './previews.module.css';
import { RowFeed } from './RowFeed.tsx';

export function TableDetail({
  previewId,
  table,
  choice,
  onClose,
}: {
  previewId: string;
  table: TablePreview;
  choice: StrategyChoice;
  /** Null: what it is in has a name and a way out of its own. */
  onClose: (() => void) | null;
}) {
  const tabs = rowTabs.filter((tab) => tab.kind !== 'uniqueClash' || table.uniqueClashes > 0);
  const [kind, setKind] = useState<RowKind>(() => tabs.find((tab) => table[tab.of] > 0)?.kind ?? 'conflict');
  const [column, setColumn] = useState<string | null>(null);
  const [search, setSearch] = useState('');
  const [words] = useDebouncedValue(search.trim(), 200);
  const columns = Object.entries(table.conflictsByColumn).toSorted(([, a], [, b]) => b - a);
  const tab = tabs.find((one) => one.kind === kind);
  return (
    <div className={styles['detail']}>
      {onClose !== null && (
        <div className={styles['detailHead']}>
          <h2 className="mono cut" title={`${table.schema}.${table.table}`}>
            {table.schema}.{table.table}
          </h2>
          <Tooltip label="Close (Esc)">
            <ActionIcon aria-label="Close the rows" onClick={onClose}>
              <IconX size={16} />
            </ActionIcon>
          </Tooltip>
        </div>
      )}
      <About table={table} choice={choice} />
      {table.compared && (
        <Tabs
          value={kind}
          onChange={(value) => setKind(tabs.find((one) => one.kind === value)?.kind ?? 'conflict')}
          className={styles['kinds'] ?? ''}
        >
          <Tabs.List aria-label="Kinds of rows">
            {tabs.map((one) => (
              <Tabs.Tab key={one.kind} value={one.kind} className="numbers">
                {kindWords[one.of].name} ({count(table[one.of])})
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <div className={styles['rowFilter']} role="search" aria-label="Filter rows">
            <TextInput
              aria-label="Search rows by key"
              placeholder={table.key?.kind === 'wholeRow' ? 'Search in any column' : `Search by ${table.key?.columns.join(', ') ?? 'key'}`}
              leftSection={<IconSearch size={14} aria-hidden />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
              style={{ flex: 1 }}
            />
            {kind === 'conflict' && columns.length > 0 && (
              <Select
                aria-label="Column that differs"
                placeholder="Any column"
                data={columns.map(([name, rows]) => ({ value: name, label: `${name} (${count(rows)})` }))}
                value={column}
                onChange={setColumn}
                searchable
                clearable
                w={210}
              />
            )}
          </div>
          <Tabs.Panel value={kind} className={styles['panel'] ?? ''}>
            <RowFeed
              key={kind}
              query={{
                id: previewId,
                schema: table.schema,
                table: table.table,
                kind,
                ...(kind === 'conflict' && column !== null ? { column } : {}),
                ...(words === '' ? {} : { search: words }),
              }}
              empty={words !== '' || (kind === 'conflict' && column !== null) ? 'No row matches.' : (tab?.empty ?? '')}
            />
          </Tabs.Panel>
        </Tabs>
      )}
    </div>
  );
}

const pairing = {
  primary: 'Rows are paired by the primary key',
  unique: 'Rows are paired by a unique index over',
  chosen: 'Rows are paired by the chosen columns',
  wholeRow: 'There is no key: whole rows are counted. Name key columns in the target’s options to pair them.',
};

function About({ table, choice }: { table: TablePreview; choice: StrategyChoice }) {
  const blockers = tableBlockers(table, strategyOf(table, choice));
  const { columnsOnlyInBackup: backup, columnsOnlyLive: live, key } = table;
  return (
    <div className={styles['about']}>
      {blockers.map((blocker) => (
        <Notice key={`${blocker.code} ${blocker.message}`} tone="bad" title={blocker.message}>
          {blocker.hint}
        </Notice>
      ))}
      {table.warnings.map((warning) => (
        <Notice key={`${warning.code} ${warning.message}`} tone="warn">
          {warning.message}
        </Notice>
      ))}
      {key !== null && (
        <div className="wrap">
          {pairing[key.kind]} {key.kind !== 'wholeRow' && <span className="mono">{key.columns.join(', ')}</span>}
          <span className="dim numbers">
            {' '}
            · {count(table.rows)} in the backup, {count(table.liveRows)} live
            {table.filled.fields > 0 && ` · merge fills ${count(table.filled.fields)} fields in ${count(table.filled.rows)} rows`}
          </span>
        </div>
      )}
      {backup.length > 0 && (
        <div className="wrap">
          Only in the backup, left out: <span className="mono">{backup.join(', ')}</span>
        </div>
      )}
      {live.length > 0 && (
        <div className="wrap">
          Only live, kept as they are: <span className="mono">{live.join(', ')}</span>
        </div>
      )}
    </div>
  );
}
