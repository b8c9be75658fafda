// Week and day: hours downwards, a column a day, lengths to scale. The axis is the wall clock of the zone shown: an hour
// that does not exist on a day is hatched, one that comes twice says so.
import { useElementSize } from '@mantine/hooks';
import { useEffect, useMemo, useRef } from 'react';
import { DayHead } from './DayHead.tsx';
import { stateWords } from './items.ts';
import { DropGhost, LateMarks, NowLine, Odd } from './TimeMarks.tsx';
import { boxOf, hourHeight, spotsOf } from './time-spots.ts';
import type { ViewProps } from './view-props.ts';
import { EventButton } from './EventButton.tsx';
import { useDrag } from './use-drag.ts';
import { useGrid, type GridKey } from './use-grid.ts';
import {
  addDays,
  dayLength,
  dayOf,
  fromWall,
  fullDay,
  hour,
  longDay,
  minute,
  oddHours,
  offsetName,
  startOfDay,
  startOfWeek,
  timeOf,
  toWall,
  wallOfDay,
} from './zone.ts';
import styles from './calendar.module.css';

/** So narrow may a run get before the rest of them share one box. */
const leastWidth = 35;
const snap = 15 * minute;
const gutter = 56;
const hours = Array.from({ length: 24 }, (_, index) => index);

export function TimeGrid({ period, first, after, day, zone, now, onOpen, onOpenDay, onGo, onCreate, onMove }: ViewProps) {
  const { ref: sizeRef, width } = useElementSize();
  const scroller = useRef<HTMLDivElement>(null);
  const days = useMemo(() => {
    const found: string[] = [];
    for (let one = first; one < after; one = addDays(one, 1)) found.push(one);
    return found;
  }, [first, after]);
  const today = dayOf(now, zone);
  const columnWidth = Math.max(60, (width - gutter) / days.length);
  const most = Math.max(2, Math.floor(columnWidth / leastWidth));
  const orders = useMemo(() => new Map(period.items.map((item, index) => [item.key, index])), [period.items]);
  const columns = useMemo(
    () => new Map(days.map((one) => [one, spotsOf(period.items, one, zone, most)])),
    [period.items, days, zone, most],
  );
  const odd = useMemo(() => new Map(days.map((one) => [one, oddHours(one, zone)])), [days, zone]);

  const root = useRef<HTMLDivElement>(null);
  const { active, onKeyDown, onFocus } = useGrid({
    root,
    has: (id) => days.includes(id.slice(0, 10)),
    fallback: `${days.includes(today) ? today : day} ${days.includes(today) ? Number(timeOf(now, zone).slice(0, 2)) : 2}`,
    neighbour: (id, key) => neighbour(id, key, days.length),
    onGo: (id) => onGo(id.slice(0, 10)),
    onEnter: (id) => onCreate({ day: id.slice(0, 10), time: `${id.slice(11).padStart(2, '0')}:00` }),
  });
  const drag = useDrag({
    targetAt: (x, y, _item, grabbed) => {
      const cell = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-cell]');
      const id = cell?.dataset['cell'];
      if (cell === undefined || cell === null || id === undefined) return null;
      const offset = y - grabbed - cell.getBoundingClientRect().top;
      const wall = Number(id.slice(11)) * hour + (offset / hourHeight) * hour;
      const snapped = Math.min(Math.max(Math.round(wall / snap) * snap, 0), dayLength - snap);
      return fromWall(wallOfDay(id.slice(0, 10)) + snapped, zone);
    },
    onDrop: onMove,
    scroller,
  });
  const target = drag.dragging?.to ?? null;

  // What is of interest first: now, or else the first run in sight.
  const seen = useRef('');
  useEffect(() => {
    const box = scroller.current;
    if (box === null || seen.current === first + zone) return;
    const earliest = Math.min(...[...columns.values()].flat().map(({ top }) => top));
    const nowTop = days.includes(today) ? ((toWall(now, zone) - wallOfDay(today)) / hour) * hourHeight : null;
    if (nowTop === null && !Number.isFinite(earliest)) return;
    seen.current = first + zone;
    box.scrollTop = Math.max(0, nowTop === null ? earliest - 16 : nowTop - box.clientHeight * 0.4);
  }, [columns, days, first, now, today, zone]);

  return (
    <div
      ref={root}
      role="grid"
      aria-label={days.length === 1 ? `Runs of ${fullDay(first)}, by hour` : `Runs of the week from ${fullDay(first)}, by hour`}
      className={styles['timeGrid']}
      tabIndex={-1}
      onFocus={onFocus}
      data-dragging={drag.dragging !== null || undefined}
      style={{ '--days': days.length, '--hour': `${hourHeight}px` } as React.CSSProperties}
    >
      <div role="row" className={styles['timeHead']}>
        <div role="columnheader" aria-label="Hour" className={styles['offset']}>
          {offsetName(startOfDay(first, zone) + 12 * hour, zone).replace('UTC', 'UTC ')}
        </div>
        {days.map((one) => (
          <DayHead key={one} day={one} today={one === today} counts={period.days.get(one)} onOpen={days.length > 1 ? onOpenDay : null} />
        ))}
      </div>
      <div ref={scroller} className={styles['timeScroll']} role="rowgroup">
        <div ref={sizeRef} className={styles['timeBody']} role="presentation">
          {hours.map((index) => (
            <div key={index} role="row" className={styles['hour']}>
              <div role="rowheader" className={styles['hourName']}>
                {index === 0 ? <span className="sr-only">00:00</span> : `${String(index).padStart(2, '0')}:00`}
              </div>
              {days.map((one) => {
                const id = `${one} ${index}`;
                const activeCell = active === id;
                const top = index * hourHeight;
                const spots = (columns.get(one) ?? []).filter((spot) => spot.top >= top && spot.top < top + hourHeight);
                return (
                  <div
                    key={one}
                    role="gridcell"
                    data-cell={id}
                    tabIndex={activeCell ? 0 : -1}
                    aria-label={`${longDay(one)} ${String(index).padStart(2, '0')}:00${spots.length === 0 ? ', nothing' : `, ${spots.reduce((sum, spot) => sum + (spot.kind === 'more' ? spot.items.length : 1), 0)} runs`}`}
                    className={styles['slot']}
                    data-today={one === today || undefined}
                    onKeyDown={onKeyDown}
                    onClick={(event) => {
                      if (event.target !== event.currentTarget) return;
                      const half = event.nativeEvent.offsetY >= hourHeight / 2 ? '30' : '00';
                      onCreate({ day: one, time: `${String(index).padStart(2, '0')}:${half}` });
                    }}
                  >
                    {index === 0 && <Odd odd={odd.get(one)} />}
                    {index === 0 && <LateMarks items={period.items} day={one} zone={zone} />}
                    {index === 0 && one === today && <NowLine wall={toWall(now, zone) - wallOfDay(today)} />}
                    {index === 0 && target !== null && drag.dragging !== null && dayOf(target, zone) === one && (
                      <DropGhost item={drag.dragging.item} to={target} zone={zone} />
                    )}
                    {spots.map((spot) =>
                      spot.kind === 'more' ? (
                        <button
                          key={spot.key}
                          type="button"
                          className={`${styles['more']} ${styles['moreBox']}`}
                          style={boxOf(spot, top)}
                          tabIndex={activeCell ? 0 : -1}
                          title={spot.items.map((item) => `${timeOf(item.at, zone)} ${item.name}, ${stateWords[item.state]}`).join('\n')}
                          aria-label={`${spot.items.length} more at ${timeOf(spot.items[0]?.at ?? 0, zone)} on ${fullDay(one)}: show them`}
                          onClick={() => onOpenDay(one)}
                        >
                          +{spot.items.length}
                        </button>
                      ) : (
                        <EventButton
                          key={spot.item.key + String(spot.rest)}
                          item={spot.item}
                          zone={zone}
                          now={now}
                          order={orders.get(spot.item.key) ?? 0}
                          tabbable={activeCell}
                          lines={Math.floor((spot.height - 20) / 15)}
                          width={(columnWidth / spot.columns) * spot.span}
                          rest={spot.rest}
                          dragged={drag.dragging?.item.key === spot.item.key}
                          style={boxOf(spot, top)}
                          onOpen={onOpen}
                          onGrab={drag.begin}
                        />
                      ),
                    )}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function neighbour(id: string, key: GridKey, columns: number): string {
  const day = id.slice(0, 10);
  const at = Number(id.slice(11));
  const place = (one: string, index: number) => `${one} ${index}`;
  switch (key) {
    case 'ArrowLeft':
      return place(addDays(day, -1), at);
    case 'ArrowRight':
      return place(addDays(day, 1), at);
    case 'ArrowUp':
      return at === 0 ? place(addDays(day, -1), 23) : place(day, at - 1);
    case 'ArrowDown':
      return at === 23 ? place(addDays(day, 1), 0) : place(day, at + 1);
    case 'Home':
      return columns === 1 ? place(day, 0) : place(startOfWeek(day), at);
    case 'End':
      return columns === 1 ? place(day, 23) : place(addDays(startOfWeek(day), 6), at);
    case 'PageUp':
      return place(addDays(day, -columns), at);
    case 'PageDown':
      return place(addDays(day, columns), at);
  }
}
