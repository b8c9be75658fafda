// Every compared table: sorted, narrowed, walked with the arrow keys; drawn only where it is in sight.
import { Switch, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconCircleCheck, IconSearch } from '@tabler/icons-react';
import { useMemo, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import type { StrategyChoice, TablePreview } from '../../shared/contract/previews.ts';
import { count } from '../ui/format.ts';
import { tableKey } from '../ui/TablePicker.tsx';
import { useVirtualRows } from '../ui/virtual-rows.ts';
import { strategyOf, withTableStrategy, type Outlook } from './choice.ts';
import { kindWords } from './kinds.ts';
import styles from './previews.module.css';
import { TableRow } from './TableRow.tsx';
import { viewTables, type SortKey, type TableView } from './tables.ts';

const rowHeight = 36;

export function TableGrid({
  ref,
  tables,
  view,
  onView,
  choice,
  onChoice,
  outlook,
  swap,
  openKey,
  onOpen,
}: {
  ref: Ref<HTMLDivElement>;
  tables: readonly TablePreview[];
  view: TableView;
  onView: (view: TableView) => void;
  choice: StrategyChoice;
  onChoice: (choice: StrategyChoice) => void;
  outlook: Outlook;
  /** The database is restored beside and swapped, not row by row. */
  swap: boolean;
  /** `tableKey` of the table whose rows are in sight. */
  openKey: string | null;
  onOpen: (table: TablePreview) => void;
}) {
  const shown = useMemo(() => viewTables(tables, view), [tables, view]);
  const clashes = useMemo(() => tables.some((table) => table.uniqueClashes > 0), [tables]);
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(0);
  const virtual = useVirtualRows({ count: shown.length, height: rowHeight, scroller });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;

  const move = (to: number) => {
    const index = Math.min(Math.max(to, 0), shown.length - 1);
    setFocused(index);
    virtual.scrollToIndex(index);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus());
  };
  const onKey = (event: KeyboardEvent, index: number, table: TablePreview) => {
    // The strategy's own select keeps its keys.
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? rowHeight) / rowHeight) - 1);
    const steps: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: shown.length - 1,
    };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      move(to);
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onOpen(table);
    }
  };
  // The tab key always finds one row, also when the focused one was scrolled out of sight.
  const stop = focused >= first && focused <= last ? focused : first;

  return (
    <div ref={ref} className={styles['tables']}>
      <div className={styles['tablesBar']} role="search" aria-label="Filter tables">
        <TextInput
          aria-label="Search tables"
          placeholder="Search tables"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={view.search}
          onChange={(event) => onView({ ...view, search: event.currentTarget.value })}
          style={{ flex: 1 }}
        />
        <Switch
          label="Only with differences"
          checked={view.differing}
          onChange={(event) => onView({ ...view, differing: event.currentTarget.checked })}
        />
        <span className="dim numbers" role="status">
          {count(shown.length)} of {count(tables.length)}
        </span>
      </div>
      <div
        className={styles['grid']}
        role="grid"
        aria-label="Compared tables"
        aria-rowcount={shown.length + 1}
        data-clashes={clashes || undefined}
      >
        <div role="rowgroup">
          <Header view={view} onView={onView} clashes={clashes} />
        </div>
        <div ref={scroller} className={styles['rows']} role="rowgroup" tabIndex={-1}>
          <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
            {items.map((item) => {
              const table = shown[item.index];
              if (table === undefined) return null;
              const key = tableKey(table);
              return (
                <div
                  key={key}
                  role="row"
                  data-index={item.index}
                  aria-rowindex={item.index + 2}
                  aria-selected={key === openKey}
                  tabIndex={item.index === stop ? 0 : -1}
                  className={styles['row']}
                  style={{ transform: `translateY(${item.start}px)` }}
                  onClick={() => {
                    setFocused(item.index);
                    onOpen(table);
                  }}
                  onKeyDown={(event) => onKey(event, item.index, table)}
                >
                  <TableRow
                    table={table}
                    clashes={clashes}
                    strategy={strategyOf(table, choice)}
                    common={choice.strategy}
                    own={choice.tableStrategies.some((one) => one.schema === table.schema && one.table === table.table)}
                    effects={outlook.ofTable(table)}
                    swap={swap}
                    onStrategy={(strategy) => onChoice(withTableStrategy(choice, table, strategy))}
                  />
                </div>
              );
            })}
          </div>
          {shown.length === 0 && <Nothing none={tables.length === 0} differing={view.differing && view.search.trim() === ''} />}
        </div>
      </div>
    </div>
  );
}

function Nothing({ none, differing }: { none: boolean; differing: boolean }) {
  return (
    <div className={styles['nothing']}>
      {differing && <IconCircleCheck size={28} aria-hidden className={styles['proud']} />}
      {none
        ? 'The dump holds no table with rows.'
        : differing
          ? 'No table differs. Live and backup are the same, row for row.'
          : 'No table matches.'}
    </div>
  );
}

function Header({ view, onView, clashes }: { view: TableView; onView: (view: TableView) => void; clashes: boolean }) {
  const columns: { title: string; sort: SortKey | null; right?: true }[] = [
    { title: 'Table', sort: 'name' },
    { title: 'Rows', sort: null },
    { title: kindWords.conflicts.name, sort: 'conflicts', right: true },
    { title: kindWords.new.name, sort: 'new', right: true },
    { title: kindWords.liveOnly.name, sort: 'liveOnly', right: true },
    ...(clashes ? [{ title: kindWords.uniqueClashes.name, sort: 'uniqueClashes', right: true } as const] : []),
    { title: 'Would do', sort: null },
    { title: 'Strategy', sort: null },
  ];
  const Arrow = view.descending ? IconArrowDown : IconArrowUp;
  return (
    <div role="row" aria-rowindex={1} className={styles['headRow']}>
      {columns.map(({ title, sort, right }) => {
        const sorted = sort !== null && view.sort === sort;
        return (
          <div
            key={title}
            role="columnheader"
            className={right ? styles['right'] : undefined}
            {...(sort === null ? {} : { 'aria-sort': sorted ? (view.descending ? 'descending' : 'ascending') : 'none' })}
          >
            {sort === null ? (
              title
            ) : (
              <button
                type="button"
                className={styles['sort']}
                onClick={() => onView({ ...view, sort, descending: sorted ? !view.descending : sort !== 'name' })}
              >
                {title}
                {sorted && <Arrow size={13} aria-hidden />}
              </button>
            )}
          </div>
        );
      })}
    </div>
  );
}
