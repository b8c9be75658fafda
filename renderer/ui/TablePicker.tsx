// Tables by schema with check marks and sizes; thousands of them stay quick because only those in sight are drawn.
import { ActionIcon, Button, Checkbox, TextInput, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconSearch, IconTable } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import type { TableName } from '../../shared/contract/common.ts';
import { bytes, count } from './format.ts';
import styles from './ui.module.css';
import { useVirtualRows } from './virtual-rows.ts';

export type PickableTable = TableName & {
  sizeBytes: number | null;
  rows: number | null;
  note?: string;
  /** Its rows can be looked at. */ look?: boolean;
};
type Row = { kind: 'schema'; schema: string; tables: PickableTable[] } | { kind: 'table'; table: PickableTable };

export const tableKey = (table: TableName) => JSON.stringify([table.schema, table.table]);
export const tableOf = (key: string): TableName => {
  const [schema, table] = JSON.parse(key) as [string, string];
  return { schema, table };
};

export function TablePicker({
  tables,
  selected,
  onChange,
  height = 260,
  label,
  onLook,
}: {
  tables: readonly PickableTable[];
  /** Keys of `tableKey`. */
  selected: ReadonlySet<string>;
  onChange: (selected: ReadonlySet<string>) => void;
  height?: number;
  label: string;
  onLook?: (table: TableName) => void;
}) {
  const [search, setSearch] = useState('');
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const scroller = useRef<HTMLDivElement>(null);

  const rows = useMemo(() => {
    const words = search.trim().toLowerCase();
    const bySchema = new Map<string, PickableTable[]>();
    for (const table of tables) {
      if (words !== '' && !`${table.schema}.${table.table}`.toLowerCase().includes(words)) continue;
      const group = bySchema.get(table.schema);
      if (group === undefined) bySchema.set(table.schema, [table]);
      else group.push(table);
    }
    return [...bySchema]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .flatMap(([schema, group]): Row[] => [
        { kind: 'schema', schema, tables: group },
        ...(closed.has(schema) ? [] : group.map((table): Row => ({ kind: 'table', table }))),
      ]);
  }, [tables, search, closed]);

  const virtual = useVirtualRows({ count: rows.length, height: 28, scroller });

  const set = (group: readonly PickableTable[], on: boolean) => {
    const next = new Set(selected);
    for (const table of group) {
      if (on) next.add(tableKey(table));
      else next.delete(tableKey(table));
    }
    onChange(next);
  };
  const chosen = tables.filter((table) => selected.has(tableKey(table)));
  const total = chosen.every((table) => table.sizeBytes === null) ? null : chosen.reduce((sum, table) => sum + (table.sizeBytes ?? 0), 0);

  return (
    <div className={styles['treeBox']} role="group" aria-label={label}>
      <div className={styles['treeBar']}>
        <TextInput
          aria-label="Search tables"
          placeholder="Search tables"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <span className="dim numbers">
          {count(chosen.length)} of {count(tables.length)} chosen{total === null || chosen.length === 0 ? '' : `, ${bytes(total)}`}
        </span>
        <Button variant="subtle" onClick={() => set(tables, true)}>
          All
        </Button>
        <Button variant="subtle" onClick={() => onChange(new Set())}>
          None
        </Button>
      </div>
      <div ref={scroller} className={styles['list']} style={{ height: Math.min(height, Math.max(28, rows.length * 28)) }} tabIndex={-1}>
        <div className={styles['listInner']} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <div
                key={row.kind === 'schema' ? row.schema : tableKey(row.table)}
                className={styles['treeRow']}
                style={{
                  position: 'absolute',
                  top: 0,
                  left: 0,
                  right: 0,
                  transform: `translateY(${item.start}px)`,
                  paddingLeft: row.kind === 'schema' ? 10 : 34,
                }}
              >
                {row.kind === 'schema' ? (
                  <SchemaRow
                    schema={row.schema}
                    tables={row.tables}
                    selected={selected}
                    open={!closed.has(row.schema)}
                    onToggle={() => {
                      const next = new Set(closed);
                      if (!next.delete(row.schema)) next.add(row.schema);
                      setClosed(next);
                    }}
                    onSet={(on) => set(row.tables, on)}
                  />
                ) : (
                  <>
                    <Checkbox
                      aria-label={`${row.table.schema}.${row.table.table}`}
                      checked={selected.has(tableKey(row.table))}
                      onChange={(event) => set([row.table], event.currentTarget.checked)}
                    />
                    <span className={`${styles['treeName']} mono cut`} title={`${row.table.schema}.${row.table.table}`}>
                      {row.table.table}
                    </span>
                    {row.table.note !== undefined && <span className="dim">{row.table.note}</span>}
                    <span className={`${styles['treeSize']} numbers`}>
                      {row.table.rows === null ? '' : `${count(row.table.rows)} rows`}
                    </span>
                    <span className={`${styles['treeSize']} numbers`}>{bytes(row.table.sizeBytes)}</span>
                    {onLook !== undefined && <LookButton table={row.table} onLook={row.table.look === true ? onLook : null} />}
                  </>
                )}
              </div>
            );
          })}
        </div>
        {rows.length === 0 && <div className={styles['treeRow']}>No table matches.</div>}
      </div>
    </div>
  );
}

/** Where there are no rows the room stays, so that the columns line up. */
export function LookButton({ table, onLook }: { table: TableName; onLook: ((table: TableName) => void) | null }) {
  if (onLook === null) return <span className={styles['lookRoom']} />;
  return (
    <Tooltip label="Look at its rows">
      <ActionIcon
        size="sm"
        aria-label={`Rows of ${table.schema}.${table.table}`}
        onClick={() => onLook({ schema: table.schema, table: table.table })}
      >
        <IconTable size={14} />
      </ActionIcon>
    </Tooltip>
  );
}

function SchemaRow({
  schema,
  tables,
  selected,
  open,
  onToggle,
  onSet,
}: {
  schema: string;
  tables: readonly PickableTable[];
  selected: ReadonlySet<string>;
  open: boolean;
  onToggle: () => void;
  onSet: (on: boolean) => void;
}) {
  const chosen = tables.filter((table) => selected.has(tableKey(table))).length;
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      <Checkbox
        aria-label={`All tables of schema ${schema}`}
        checked={chosen === tables.length}
        indeterminate={chosen > 0 && chosen < tables.length}
        onChange={(event) => onSet(event.currentTarget.checked)}
      />
      <button type="button" className={styles['treeToggle']} aria-expanded={open} onClick={onToggle}>
        <Icon size={14} aria-hidden />
        <span className="mono cut" title={schema}>
          {schema}
        </span>
      </button>
      <span className="dim numbers">{count(tables.length)}</span>
    </>
  );
}
