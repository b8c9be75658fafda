// Every entry of the table of contents, grouped by pg_dump's own words for what it is.
import { TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconSearch } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import type { TableName } from '../../shared/contract/common.ts';
import type { DumpObject } from '../../shared/contract/dumps.ts';
import { count } from '../ui/format.ts';
import { ScrollRegion } from '../ui/ScrollRegion.tsx';
import styles from '../ui/ui.module.css';
import { LookButton, tableKey } from '../ui/TablePicker.tsx';
import { useVirtualRows } from '../ui/virtual-rows.ts';

type Row = { kind: 'type'; type: string; size: number } | { kind: 'object'; object: DumpObject };

export function ObjectsTree({
  objects,
  withRows,
  onLook,
}: {
  objects: readonly DumpObject[];
  /** Tables (by `tableKey`) whose rows can be looked at. */
  withRows: ReadonlySet<string>;
  onLook: (table: TableName) => void;
}) {
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const scroller = useRef<HTMLDivElement>(null);
  const words = search.trim().toLowerCase();
  const rows = useMemo(() => {
    const byType = new Map<string, DumpObject[]>();
    for (const object of objects) {
      if (words !== '' && !`${object.type} ${object.schema}.${object.name}`.toLowerCase().includes(words)) continue;
      const group = byType.get(object.type);
      if (group === undefined) byType.set(object.type, [object]);
      else group.push(object);
    }
    return [...byType]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .flatMap(([type, group]): Row[] => [
        { kind: 'type', type, size: group.length },
        ...(open.has(type) || words !== '' ? group.map((object): Row => ({ kind: 'object', object })) : []),
      ]);
  }, [objects, words, open]);
  const virtual = useVirtualRows({ count: rows.length, height: 28, scroller });
  const toggle = (type: string) => {
    const next = new Set(open);
    if (!next.delete(type)) next.add(type);
    setOpen(next);
  };
  return (
    <div className={styles['treeBox']} role="group" aria-label="Objects in the dump">
      <div className={styles['treeBar']}>
        <TextInput
          aria-label="Search objects"
          placeholder="Search objects"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
      </div>
      <ScrollRegion
        label="Objects"
        ref={scroller}
        className={styles['list']}
        style={{ height: Math.min(360, Math.max(28, rows.length * 28)) }}
      >
        <div className={styles['listInner']} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <div
                key={item.index}
                className={styles['treeRow']}
                style={{
                  position: 'absolute',
                  top: 0,
                  left: 0,
                  right: 0,
                  transform: `translateY(${item.start}px)`,
                  paddingLeft: row.kind === 'type' ? 10 : 34,
                }}
              >
                {row.kind === 'type' ? (
                  <TypeRow type={row.type} size={row.size} open={open.has(row.type) || words !== ''} onToggle={() => toggle(row.type)} />
                ) : (
                  <ObjectRow object={row.object} withRows={withRows} onLook={onLook} />
                )}
              </div>
            );
          })}
        </div>
        {rows.length === 0 && <div className={styles['treeRow']}>No object matches.</div>}
      </ScrollRegion>
    </div>
  );
}

function TypeRow({ type, size, open, onToggle }: { type: string; size: number; open: boolean; onToggle: () => void }) {
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      <button type="button" className={styles['treeToggle']} aria-expanded={open} onClick={onToggle}>
        <Icon size={14} aria-hidden />
        {type}
      </button>
      <span className="dim numbers">{count(size)}</span>
    </>
  );
}

function ObjectRow({
  object,
  withRows,
  onLook,
}: {
  object: DumpObject;
  withRows: ReadonlySet<string>;
  onLook: (table: TableName) => void;
}) {
  const table = { schema: object.schema, table: object.name };
  const name = object.schema === '' ? object.name : `${object.schema}.${object.name}`;
  return (
    <>
      <span className={`${styles['treeName']} mono cut`} title={name}>
        {name}
      </span>
      <span className="dim cut" title={object.owner === '' ? undefined : `owner ${object.owner}`}>
        {object.owner}
      </span>
      {object.type === 'TABLE' && withRows.has(tableKey(table)) && <LookButton table={table} onLook={onLook} />}
    </>
  );
}
