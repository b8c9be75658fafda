// A grid of any number of rows and columns; only what is in sight is drawn. Enter shows a row whole.
import { Button, Group, Loader } from '@mantine/core';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { ErrorReport } from '../../shared/errors.ts';
import { Value } from '../previews/Value.tsx';
import { plural } from '../ui/format.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { ErrorNotice } from '../ui/Notice.tsx';
import { useVirtualRows } from '../ui/virtual-rows.ts';
import { useDumpPages, type DumpPages, type DumpQuery, type DumpRow } from './dump-pages.ts';
import styles from './dump-rows.module.css';

const rowHeight = 28;

export function DumpRowsGrid({
  request,
  wayOn,
}: {
  request: DumpQuery;
  /** What else can be tried. */ wayOn: (error: ErrorReport) => ReactNode;
}) {
  const { pages, loadMore, retry } = useDumpPages(request);
  if (pages.status !== 'ready') {
    return (
      <div className={styles['waiting']}>
        <Loaded of={pages} what="rows" retry={retry}>
          {() => null}
        </Loaded>
        {pages.status === 'failed' && <div className={styles['wayOn']}>{wayOn(pages.error)}</div>}
      </div>
    );
  }
  if (pages.rows.length === 0) {
    return (
      <div className={styles['none']} role="status">
        {request.where === undefined ? 'The table has no rows in this dump.' : 'No row meets the condition.'}
      </div>
    );
  }
  return <Rows pages={pages} loadMore={loadMore} name={`${request.table.schema}.${request.table.table}`} />;
}

function Rows({ pages, loadMore, name }: { pages: Extract<DumpPages, { status: 'ready' }>; loadMore: () => void; name: string }) {
  const { columns, rows, more, next } = pages;
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(0);
  const [opened, setOpened] = useState<number | null>(null);
  const virtual = useVirtualRows({ count: rows.length, height: rowHeight, scroller });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const atEnd = last >= rows.length - 20 && next === 'idle' && more;
  const latest = useRef(loadMore);
  useEffect(() => {
    latest.current = loadMore;
  });
  useEffect(() => {
    if (atEnd) latest.current();
  }, [atEnd]);
  const template = useMemo(() => widths(columns, rows.slice(0, 60)), [columns, rows]);

  const move = (to: number) => {
    const index = Math.min(Math.max(to, 0), rows.length - 1);
    setFocused(index);
    if (opened !== null) setOpened(index);
    virtual.scrollToIndex(index);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus());
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? rowHeight) / rowHeight) - 2);
    const steps: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: rows.length - 1,
    };
    const to = steps[event.key];
    if (to === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    if (to === undefined) setOpened(opened === index ? null : index);
    else move(to);
  };
  const stop = focused >= first && focused <= last ? focused : first;
  const whole = opened === null ? undefined : rows[opened];

  return (
    <>
      <div
        ref={scroller}
        className={styles['scroller']}
        role="grid"
        aria-label={`Rows of ${name}`}
        aria-rowcount={more ? -1 : rows.length + 1}
        tabIndex={-1}
      >
        <div role="row" aria-rowindex={1} className={styles['head']} style={{ gridTemplateColumns: template }}>
          {columns.map((column) => (
            <div key={column} role="columnheader" className="mono cut" title={column}>
              {column}
            </div>
          ))}
        </div>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="rowgroup">
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <div
                key={item.index}
                role="row"
                data-index={item.index}
                aria-rowindex={item.index + 2}
                aria-selected={item.index === opened}
                tabIndex={item.index === stop ? 0 : -1}
                className={styles['row']}
                style={{ transform: `translateY(${item.start}px)`, gridTemplateColumns: template }}
                onClick={() => {
                  setFocused(item.index);
                  setOpened(item.index);
                }}
                onKeyDown={(event) => onKey(event, item.index)}
              >
                {columns.map((column, index) => (
                  <Cell key={column} text={row[index] ?? null} />
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {whole !== undefined && <Whole columns={columns} row={whole} onClose={() => setOpened(null)} />}
      <Group gap="sm" className={styles['foot'] ?? ''} role="status">
        <span className="dim numbers">
          {plural(rows.length, 'row')}
          {more ? ' so far' : ''}, {plural(columns.length, 'column')}
        </span>
        {next === 'loading' && <Loader size="xs" aria-label="Reading on" />}
        {typeof next === 'object' && (
          <ErrorNotice
            error={next}
            action={
              <Button variant="default" onClick={loadMore}>
                Try again
              </Button>
            }
          />
        )}
      </Group>
    </>
  );
}

function Cell({ text }: { text: string | null }) {
  if (text === null || text === '') {
    return (
      <div role="gridcell" className={styles['null']}>
        {text === null ? 'NULL' : 'empty string'}
      </div>
    );
  }
  // A value of megabytes would be laid out whole only to be cut.
  return (
    <div role="gridcell" className="mono cut" title={text.length > 30 ? text.slice(0, 500) : undefined}>
      {text.slice(0, 200)}
    </div>
  );
}

function Whole({ columns, row, onClose }: { columns: readonly string[]; row: DumpRow; onClose: () => void }) {
  return (
    <section className={styles['whole']} aria-label="The row, whole">
      <dl>
        {columns.map((column, index) => (
          <div key={column}>
            <dt className="mono cut" title={column}>
              {column}
            </dt>
            <dd>
              <Value text={row[index] ?? null} what={column} unfolded={(row[index]?.length ?? 0) < 20_000} />
            </dd>
          </div>
        ))}
      </dl>
      <Button variant="default" onClick={onClose}>
        Close the row
      </Button>
    </section>
  );
}

/** As wide as the first rows need, within reason. */
function widths(columns: readonly string[], rows: readonly DumpRow[]): string {
  return columns
    .map((column, index) => Math.max(column.length, ...rows.map((row) => Math.min(44, row[index]?.length ?? 4))))
    .map((characters) => `minmax(${Math.min(330, Math.max(56, characters * 8 + 18))}px, 1fr)`)
    .join(' ');
}
