// A month, a cell a day. As many runs as there is room for, the worst first; the rest is one click away and its failures
// are counted in the day's head.
import { useElementSize } from '@mantine/hooks';
import { useMemo, useRef } from 'react';
import {
  fromWall,
  dayOf,
  addDays,
  addMonths,
  fullDay,
  longWeekday,
  shortMonth,
  shortWeekday,
  startOfMonth,
  startOfWeek,
  toWall,
  wallOfDay,
} from './zone.ts';
import { byDay, countWords, totalOf, worstThatFit } from './items.ts';
import type { ViewProps } from './view-props.ts';
import { EventButton } from './EventButton.tsx';
import { StateIcon } from './StateIcon.tsx';
import { useDrag } from './use-drag.ts';
import { useGrid, type GridKey } from './use-grid.ts';
import styles from './calendar.module.css';

const headHeight = 24;
const rowHeight = 20;
const leastCell = headHeight + 3 * rowHeight;

export function MonthView({ period, first, after, day, zone, now, onOpen, onOpenDay, onGo, onCreate, onMove }: ViewProps) {
  const { ref: sizeRef, height } = useElementSize();
  const month = startOfMonth(day).slice(0, 7);
  const today = dayOf(now, zone);
  const weeks = useMemo(() => {
    const rows: string[][] = [];
    for (let week = first; week < after; week = addDays(week, 7)) rows.push(Array.from({ length: 7 }, (_, index) => addDays(week, index)));
    return rows;
  }, [first, after]);
  const days = useMemo(() => byDay(period.items, zone), [period.items, zone]);
  const orders = useMemo(() => new Map(period.items.map((item, index) => [item.key, index])), [period.items]);
  const cell = Math.max(leastCell, Math.floor(height / weeks.length));
  const room = Math.max(1, Math.floor((cell - headHeight - 1) / rowHeight));

  const root = useRef<HTMLDivElement>(null);
  const { active, onKeyDown, onFocus } = useGrid({
    root,
    has: (id) => id >= first && id < after,
    fallback: today.startsWith(month) ? today : day,
    neighbour,
    onGo,
    onEnter: (id) => onCreate({ day: id, time: null }),
  });
  const drag = useDrag({
    targetAt: (x, y, item) => {
      const under = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-cell]')?.dataset['cell'];
      if (under === undefined || root.current === null) return null;
      const time = toWall(item.at, zone) - wallOfDay(dayOf(item.at, zone));
      return fromWall(wallOfDay(under) + time, zone);
    },
    onDrop: onMove,
  });
  const dropDay = drag.dragging === null || drag.dragging.to === null ? null : dayOf(drag.dragging.to, zone);

  return (
    <div
      ref={root}
      role="grid"
      aria-label={`Runs of ${shortMonth(day)} ${day.slice(0, 4)}`}
      className={styles['month']}
      tabIndex={-1}
      onFocus={onFocus}
      data-dragging={drag.dragging !== null || undefined}
    >
      <div role="row" className={styles['weekdays']}>
        {weeks[0]?.map((one) => (
          <div key={one} role="columnheader" aria-label={longWeekday(one)}>
            {shortWeekday(one)}
          </div>
        ))}
      </div>
      <div ref={sizeRef} role="rowgroup" className={styles['weeks']}>
        {weeks.map((week) => (
          <div key={week[0]} role="row" className={styles['week']} style={{ minHeight: leastCell }}>
            {week.map((one) => {
              const items = days.get(one) ?? [];
              const counts = period.days.get(one);
              const total = counts === undefined ? items.length : Math.max(items.length, totalOf(counts));
              const { shown, more, hiddenBad } = worstThatFit(items, room, total);
              const words = counts === undefined ? '' : countWords(counts);
              const activeCell = active === one;
              return (
                <div
                  key={one}
                  role="gridcell"
                  data-cell={one}
                  tabIndex={activeCell ? 0 : -1}
                  aria-label={`${fullDay(one)}${words === '' ? ', nothing' : `, ${words}`}`}
                  className={styles['day']}
                  data-outside={!one.startsWith(month) || undefined}
                  data-today={one === today || undefined}
                  data-past={one < today || undefined}
                  data-drop={one === dropDay || undefined}
                  onKeyDown={onKeyDown}
                  onClick={(event) => {
                    if (event.target === event.currentTarget) onCreate({ day: one, time: null });
                  }}
                >
                  <div className={styles['dayHead']}>
                    <button
                      type="button"
                      className={styles['dayNumber']}
                      tabIndex={activeCell ? 0 : -1}
                      aria-label={`Open ${fullDay(one)}`}
                      title={`Open ${fullDay(one)}`}
                      {...(one === today ? { 'aria-current': 'date' as const } : {})}
                      onClick={() => onOpenDay(one)}
                    >
                      {one.endsWith('-01') ? `1 ${shortMonth(one)}` : Number(one.slice(8))}
                    </button>
                    <BadCount count={counts?.failed ?? 0} state="failed" />
                    <BadCount count={counts?.missed ?? 0} state="missed" />
                  </div>
                  {shown.map((item) => (
                    <EventButton
                      key={item.key}
                      item={item}
                      zone={zone}
                      now={now}
                      order={orders.get(item.key) ?? 0}
                      tabbable={activeCell}
                      dragged={drag.dragging?.item.key === item.key}
                      onOpen={onOpen}
                      onGrab={drag.begin}
                    />
                  ))}
                  {more > 0 && (
                    <button
                      type="button"
                      className={styles['more']}
                      data-bad={hiddenBad > 0 || undefined}
                      tabIndex={activeCell ? 0 : -1}
                      onClick={() => onOpenDay(one)}
                      aria-label={`${more} more on ${fullDay(one)}${hiddenBad > 0 ? `, ${hiddenBad} of them failed or missed` : ''}`}
                    >
                      {shown.length === 0 ? `${more} runs` : `+${more} more`}
                    </button>
                  )}
                </div>
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

function BadCount({ count, state }: { count: number; state: 'failed' | 'missed' }) {
  if (count === 0) return null;
  return (
    <span className={`${styles['badCount']} ${styles[`ground-${state}`]}`} title={`${count} ${state}`}>
      <StateIcon state={state} size={12} />
      {count}
    </span>
  );
}

function neighbour(id: string, key: GridKey): string {
  switch (key) {
    case 'ArrowLeft':
      return addDays(id, -1);
    case 'ArrowRight':
      return addDays(id, 1);
    case 'ArrowUp':
      return addDays(id, -7);
    case 'ArrowDown':
      return addDays(id, 7);
    case 'Home':
      return startOfWeek(id);
    case 'End':
      return addDays(startOfWeek(id), 6);
    case 'PageUp':
      return addMonths(id, -1);
    case 'PageDown':
      return addMonths(id, 1);
  }
}
