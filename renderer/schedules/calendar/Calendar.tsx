// The calendar itself: toolbar, the view chosen, its legend, and what is opened over it.
import { Loader } from '@mantine/core';
import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Schedule } from '../../../shared/contract/schedules.ts';
import { go } from '../../navigation.ts';
import { count } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { openScheduleEditor } from '../editor/store.ts';
import { views } from '../place.ts';
import { goToDay, periodName, periodOf, step, useSchedules } from '../store.ts';
import { draftFor } from './draft.ts';
import { usePeriod, useYear, type Period } from './data.ts';
import { plannedKey, type CalendarItem } from './items.ts';
import { Legend } from './Legend.tsx';
import { ListView } from './ListView.tsx';
import { LoadView } from './LoadView.tsx';
import { MonthView } from './MonthView.tsx';
import { MoveDialog } from './MoveDialog.tsx';
import { RunDrawer } from './RunDrawer.tsx';
import { SlotDrawer } from './SlotDrawer.tsx';
import { TimeGrid } from './TimeGrid.tsx';
import { Toolbar, viewKeys, viewNames } from './Toolbar.tsx';
import type { EmptyPlace, ViewProps } from './view-props.ts';
import { YearLegend, YearView } from './YearView.tsx';
import { addDays, dayOf, zoneName } from './zone.ts';
import styles from './calendar.module.css';

const nothing: Period = { days: new Map(), items: [], cut: 0 };

export function Calendar({
  schedules,
  version,
  now,
  runId,
  side,
}: {
  schedules: readonly Schedule[];
  version: number;
  now: number;
  runId: string | null;
  /** What stands beside it; null: nothing. */
  side: ReactNode;
}) {
  const { view, day, zone, hidden, slot, openSlot, move, show } = useSchedules();
  const [minutes, setMinutes] = useState(0);
  const root = useRef<HTMLElement>(null);
  const shownIds = schedules.filter(({ id }) => !hidden.has(id)).map(({ id }) => id);
  const scheduleIds = shownIds.length === schedules.length ? null : shownIds;
  const { first, after } = periodOf(view, day);
  const asksPeriod = view !== 'year' && view !== 'load';
  const question = asksPeriod
    ? // What began before midnight of the first day reaches into it.
      {
        first: view === 'week' || view === 'day' ? addDays(first, -1) : first,
        after,
        zone,
        scheduleIds,
        limit: view === 'list' ? 20_000 : view === 'month' ? 2000 : 3000,
      }
    : null;
  const [period, again] = usePeriod(question, version + minutes);
  const [year, yearAgain] = useYear(view === 'year' ? { year: Number(day.slice(0, 4)), zone, scheduleIds } : null, version + minutes);

  const items = period.status === 'ready' ? period.value.items : nothing.items;
  // A slot whose time has come is none any more: ask what became of it.
  const nextAt = items.find(({ kind }) => kind === 'planned')?.at ?? null;
  useEffect(() => {
    if (nextAt === null) return;
    const wait = nextAt - Date.now() + 3000;
    const timer = setTimeout(() => setMinutes((before) => before + 1), Math.min(Math.max(wait, 15_000), 2 ** 31 - 1));
    return () => clearTimeout(timer);
  }, [nextAt, minutes]);

  const open = useCallback(
    (item: CalendarItem) => {
      if (item.kind === 'run') go('schedules', item.run.id);
      else openSlot({ scheduleId: item.scheduleId, at: item.at });
    },
    [openSlot],
  );
  const onOpenDay = useCallback((one: string) => goToDay('day', one), []);
  const onCreate = useCallback((place: EmptyPlace) => openScheduleEditor({ draft: draftFor(place, zone, Date.now()) }), [zone]);
  const props: ViewProps = {
    period: period.status === 'ready' ? period.value : nothing,
    first,
    after,
    day,
    zone,
    now,
    onOpen: open,
    onOpenDay,
    onGo: (one) => goToDay(view, one),
    onCreate,
    onMove: (item, to) => move({ scheduleId: item.scheduleId, at: item.at, to }),
  };

  const opened = slot === null ? undefined : items.find((item) => item.key === plannedKey(slot.scheduleId, slot.at));
  const openedSlot = opened?.kind === 'planned' ? opened : null;
  const dialogOpen = runId !== null || openedSlot !== null;
  useShortcuts(root, dialogOpen, now);

  const waiting = view === 'year' ? year.status === 'loading' : asksPeriod && period.status === 'loading';
  const failed = view === 'year' ? year : period;
  const empty =
    asksPeriod &&
    view !== 'list' &&
    period.status === 'ready' &&
    !period.value.items.some((item) => dayOf(item.at, zone) >= first && dayOf(item.at, zone) < after);

  return (
    <section ref={root} className={styles['calendar']} aria-label="Calendar" aria-busy={waiting}>
      <Toolbar schedules={schedules} now={now} />
      <div className="sr-only" role="status" aria-live="polite">
        {waiting
          ? ''
          : `${viewNames[view]} view, ${periodName(view, day)}${empty ? ', no runs' : ''}. Times are those of ${zoneName(zone)}.`}
      </div>
      <div className={styles['middle']} data-side={side !== null || undefined}>
        {side !== null && (
          <aside className={styles['side']} aria-label="Schedules">
            {side}
          </aside>
        )}
        <div className={styles['viewBox']}>
          {(view === 'year' ? year.status : asksPeriod ? period.status : 'ready') === 'failed' && failed.status === 'failed' && (
            <div className={styles['failure']}>
              <ErrorNotice
                error={failed.error}
                action={
                  <button type="button" className={styles['link']} onClick={view === 'year' ? yearAgain : again}>
                    Try again
                  </button>
                }
              />
            </div>
          )}
          {waiting && (
            <div className={styles['waiting']}>
              <Loader size="xs" aria-label="Loading the calendar" />
            </div>
          )}
          {empty && (
            <div
              className={styles['emptyNote']}
            >{`Nothing ran and nothing is planned ${view === 'day' ? 'on this day' : `in this ${view}`}.`}</div>
          )}
          {asksPeriod && view !== 'month' && props.period.cut > 0 && (
            <div
              className={styles['emptyNote']}
            >{`${count(props.period.cut)} more are not shown: there are too many. Filter by schedule to see them.`}</div>
          )}
          <CurrentView {...props} view={view}>
            {view === 'year' ? (
              <YearView
                days={year.status === 'ready' ? year.value : new Map()}
                day={day}
                zone={zone}
                now={now}
                onOpenDay={onOpenDay}
                onGo={props.onGo}
              />
            ) : view === 'load' ? (
              <LoadView zone={zone} version={version} onOpenDay={onOpenDay} />
            ) : null}
          </CurrentView>
        </div>
      </div>
      <footer className={styles['foot']}>
        {view === 'year' ? <YearLegend /> : view === 'load' ? <span /> : <Legend />}
        <span className={`${styles['footZone']} dim`}>Times: {zoneName(zone)}</span>
      </footer>
      <RunDrawer
        id={runId}
        schedules={schedules}
        version={version}
        onPlaced={(at) => {
          const itsDay = dayOf(at, zone);
          // Where it is in sight already, nothing jumps.
          if (itsDay < first || itsDay >= after) show(view, itsDay);
        }}
      />
      <SlotDrawer item={openedSlot} schedule={schedules.find(({ id }) => id === slot?.scheduleId) ?? null} />
      <MoveDialog
        schedules={schedules}
        onMoved={(to) => {
          const state = useSchedules.getState();
          if (state.slot !== null) state.openSlot({ scheduleId: state.slot.scheduleId, at: to });
        }}
      />
    </section>
  );
}

function CurrentView({ view, children, ...props }: ViewProps & { view: (typeof views)[number]; children: ReactNode }) {
  switch (view) {
    case 'month':
      return <MonthView {...props} />;
    case 'week':
    case 'day':
      return <TimeGrid {...props} />;
    case 'list':
      return <ListView {...props} />;
    case 'year':
    case 'load':
      return children;
  }
}

/** Single keys, as calendars have them; they work while the page has the focus and nothing is typed or open over it. */
function useShortcuts(root: React.RefObject<HTMLElement | null>, off: boolean, now: number): void {
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent | KeyboardEvent) => {
      if (off || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      const here = target === document.body || target.id === 'main' || root.current?.contains(target) === true;
      if (!here || target.closest('input:not([type=radio]):not([type=checkbox]), textarea, [role=dialog], [role=listbox]') !== null) return;
      const { view, day, zone } = useSchedules.getState();
      const key = event.key.toUpperCase();
      const wanted = views.find((one) => viewKeys[one] === key);
      const today = dayOf(now, zone);
      if (wanted !== undefined) goToDay(wanted, wanted === 'load' ? today : day);
      else if (key === 'T' && view !== 'load') goToDay(view, today);
      else if (key === 'J' && view !== 'load') goToDay(view, step(view, day, -1));
      else if (key === 'K' && view !== 'load') goToDay(view, step(view, day, 1));
      else if (key === 'N') openScheduleEditor({ draft: {} });
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [root, off, now]);
}
