// The month as rows: what came of each slot, newest first, or what is to come, next first.
import { SegmentedControl, Select } from '@mantine/core';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { bytes, duration } from '../../ui/format.ts';
import { Empty } from '../../ui/PageFrame.tsx';
import { useVirtualRows } from '../../ui/virtual-rows.ts';
import { byTime, roughly, sentence, stateWords, whyOf, type CalendarItem, type ShownState } from './items.ts';
import { StateIcon } from './StateIcon.tsx';
import { usePercent } from './data.ts';
import type { ViewProps } from './view-props.ts';
import { dayOf, shortWeekday, timeOf, monthName } from './zone.ts';
import styles from './calendar.module.css';

const rowHeight = 34;
type Side = 'past' | 'coming';
const filters: { value: string; label: string; states: readonly ShownState[] | null }[] = [
  { value: 'all', label: 'Any state', states: null },
  { value: 'bad', label: 'Failed or missed', states: ['failed', 'missed'] },
  { value: 'good', label: 'Succeeded or caught up', states: ['succeeded', 'caught-up'] },
  { value: 'stopped', label: 'Skipped or cancelled', states: ['skipped', 'cancelled'] },
];

export function ListView({ period, first, day, zone, now, onOpen }: ViewProps) {
  const [side, setSide] = useState<Side | null>(null);
  const [filter, setFilter] = useState('all');
  const [past, coming] = useMemo(
    () => [
      period.items.filter(({ kind }) => kind === 'run').toSorted((a, b) => byTime(b, a)),
      period.items.filter(({ kind }) => kind === 'planned'),
    ],
    [period.items],
  );
  const shownSide: Side = side ?? (first > dayOf(now, zone) || (past.length === 0 && coming.length > 0) ? 'coming' : 'past');
  const states = shownSide === 'past' ? (filters.find(({ value }) => value === filter)?.states ?? null) : null;
  const items = shownSide === 'coming' ? coming : states === null ? past : past.filter(({ state }) => states.includes(state));
  return (
    <div className={styles['listView']}>
      <div className={styles['listBar']}>
        <SegmentedControl<Side>
          aria-label="Which runs"
          value={shownSide}
          onChange={setSide}
          data={[
            { value: 'past', label: `So far (${past.length})` },
            { value: 'coming', label: `To come (${coming.length})` },
          ]}
        />
        {shownSide === 'past' && (
          <Select
            aria-label="State"
            data={filters.map(({ value, label }) => ({ value, label }))}
            value={filter}
            onChange={(value) => setFilter(value ?? 'all')}
            w={190}
          />
        )}
        <span className="dim">{shownSide === 'past' ? 'newest first' : 'next first'}</span>
      </div>
      {items.length === 0 ? (
        <Empty
          title={
            shownSide === 'coming'
              ? `Nothing is planned for the rest of ${monthName(day)}`
              : states === null
                ? `No runs in ${monthName(day)} yet`
                : 'Nothing matches'
          }
        />
      ) : (
        <Rows key={shownSide + filter} items={items} zone={zone} onOpen={onOpen} />
      )}
    </div>
  );
}

function Rows({ items, zone, onOpen }: { items: readonly CalendarItem[]; zone: string; onOpen: (item: CalendarItem) => void }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(0);
  const virtual = useVirtualRows({ count: items.length, height: rowHeight, scroller });
  const rows = virtual.getVirtualItems();
  const firstRow = rows[0]?.index ?? 0;
  const lastRow = rows.at(-1)?.index ?? 0;
  const stop = focused >= firstRow && focused <= lastRow ? focused : firstRow;

  const onKey = (event: KeyboardEvent, index: number) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? rowHeight) / rowHeight) - 1);
    const steps: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: items.length - 1,
    };
    const wanted = steps[event.key];
    if (wanted !== undefined) {
      event.preventDefault();
      const to = Math.min(Math.max(wanted, 0), items.length - 1);
      setFocused(to);
      virtual.scrollToIndex(to);
      requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus());
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      const item = items[index];
      if (item !== undefined) onOpen(item);
    }
  };
  return (
    <div className={styles['listGrid']} role="grid" aria-label="Runs" aria-rowcount={items.length + 1} aria-colcount={6}>
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={`${styles['listRow']} ${styles['listHead']}`}>
          {['Slot', 'State', 'Schedule', 'Profile', 'Took', 'Size'].map((name) => (
            <div key={name} role="columnheader">
              {name}
            </div>
          ))}
        </div>
      </div>
      <div ref={scroller} role="rowgroup" className={styles['listScroll']} tabIndex={-1}>
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {rows.map((row) => {
            const item = items[row.index];
            if (item === undefined) return null;
            const before = items[row.index - 1];
            const itsDay = dayOf(item.at, zone);
            return (
              <div
                key={item.key}
                role="row"
                data-index={row.index}
                aria-rowindex={row.index + 2}
                aria-label={sentence(item, zone)}
                tabIndex={row.index === stop ? 0 : -1}
                className={`${styles['listRow']} ${styles['listItem']}`}
                data-first={before === undefined || dayOf(before.at, zone) !== itsDay || undefined}
                style={{ transform: `translateY(${row.start}px)`, '--event': item.colour } as React.CSSProperties}
                onClick={() => {
                  setFocused(row.index);
                  onOpen(item);
                }}
                onKeyDown={(event) => onKey(event, row.index)}
              >
                <Cells item={item} zone={zone} day={itsDay} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Cells({ item, zone, day }: { item: CalendarItem; zone: string; day: string }) {
  const run = item.kind === 'run' ? item.run : null;
  const percent = usePercent(run);
  const why = whyOf(item);
  const expected = item.kind === 'planned' && item.planned.expectedMs !== null ? `about ${roughly(item.planned.expectedMs)}` : '–';
  return (
    <>
      <div role="gridcell" className="numbers">
        <span className={styles['listDay']}>
          {shortWeekday(day)} {day}
        </span>{' '}
        {timeOf(item.at, zone)}
      </div>
      <div role="gridcell" className={styles['listState']}>
        <StateIcon state={item.state} percent={percent} size={15} />
        <span>
          {stateWords[item.state]}
          {percent !== null && ` ${percent} %`}
        </span>
      </div>
      <div role="gridcell" className="cut" title={item.name}>
        <span className={styles['listName']}>{item.name}</span>
        {why !== '' && (
          <span className="dim" title={why}>
            {' '}
            {why}
          </span>
        )}
      </div>
      <div role="gridcell" className="cut" title={item.profile}>
        {item.profile}
      </div>
      <div role="gridcell" className={`numbers ${styles['listNumber']}`}>
        {run === null ? expected : run.durationMs === null ? '–' : duration(run.durationMs)}
      </div>
      <div role="gridcell" className={`numbers ${styles['listNumber']}`}>
        {run === null ? '–' : bytes(run.sizeBytes)}
      </div>
    </>
  );
}
