// A year of days: green where all went well, darker the more there were; a failed day has a cross, a missed one hatching.
import { useState, type KeyboardEvent } from 'react';
import type { DayCounts } from '../../../shared/contract/schedules.ts';
import { countWords, toneOfDay } from './items.ts';
import { addDays, addMonths, dayOf, fullDay, longWeekday, monthName, startOfWeek, wallOfDay } from './zone.ts';
import styles from './calendar.module.css';

export function YearView({
  days,
  day,
  zone,
  now,
  onOpenDay,
  onGo,
}: {
  days: ReadonlyMap<string, DayCounts>;
  day: string;
  zone: string;
  now: number;
  onOpenDay: (day: string) => void;
  onGo: (day: string) => void;
}) {
  const year = day.slice(0, 4);
  const today = dayOf(now, zone);
  const months = Array.from({ length: 12 }, (_, index) => addMonths(`${year}-01-01`, index));
  const [chosen, setChosen] = useState(today);
  const active = chosen.startsWith(year) ? chosen : today.startsWith(year) ? today : `${year}-01-01`;
  const most = Math.max(1, ...[...days.values()].map((counts) => counts.succeeded + counts.caughtUp));

  const onKey = (event: KeyboardEvent, from: string) => {
    const steps: Record<string, string> = {
      ArrowLeft: addDays(from, -1),
      ArrowRight: addDays(from, 1),
      ArrowUp: addDays(from, -7),
      ArrowDown: addDays(from, 7),
      Home: `${from.slice(0, 7)}-01`,
      End: addDays(addMonths(`${from.slice(0, 7)}-01`, 1), -1),
      PageUp: addMonths(from, -1),
      PageDown: addMonths(from, 1),
    };
    const to = steps[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setChosen(to);
    if (!to.startsWith(year)) onGo(to);
    const root = event.currentTarget.closest('[data-year]');
    requestAnimationFrame(() => root?.querySelector<HTMLElement>(`[data-day="${to}"]`)?.focus());
  };

  return (
    <div className={styles['yearScroll']}>
      <div
        className={styles['year']}
        data-year={year}
        role="group"
        aria-label={`Days of ${year}. Arrow keys walk over them, Enter opens one.`}
      >
        {months.map((month) => (
          <Month
            key={month}
            month={month}
            days={days}
            today={today}
            active={active}
            most={most}
            onKey={onKey}
            onOpenDay={onOpenDay}
            onFocus={setChosen}
          />
        ))}
      </div>
    </div>
  );
}

function Month({
  month,
  days,
  today,
  active,
  most,
  onKey,
  onOpenDay,
  onFocus,
}: {
  month: string;
  days: ReadonlyMap<string, DayCounts>;
  today: string;
  active: string;
  most: number;
  onKey: (event: KeyboardEvent, day: string) => void;
  onOpenDay: (day: string) => void;
  onFocus: (day: string) => void;
}) {
  const length = (wallOfDay(addMonths(month, 1)) - wallOfDay(month)) / 86_400_000;
  const before = (wallOfDay(month) - wallOfDay(startOfWeek(month))) / 86_400_000;
  const name = monthName(month).split(' ')[0] ?? month;
  const all = Array.from({ length }, (_, index) => addDays(month, index));
  const failed = all.filter((day) => (days.get(day)?.failed ?? 0) > 0).length;
  const missed = all.filter((day) => failed === 0 && (days.get(day)?.missed ?? 0) > 0).length;
  return (
    <section className={styles['yearMonth']} aria-label={name}>
      <h3>
        {name}
        {failed > 0 && <span className={styles['yearBad']}>{failed === 1 ? '1 day failed' : `${failed} days failed`}</span>}
        {failed === 0 && missed > 0 && (
          <span className={styles['yearMissed']}>{missed === 1 ? '1 day missed' : `${missed} days missed`}</span>
        )}
      </h3>
      <div className={styles['yearDays']}>
        {['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-06', '2024-01-07'].map((one) => (
          <span key={one} className={styles['yearWeekday']} aria-hidden>
            {longWeekday(one).slice(0, 1)}
          </span>
        ))}
        {all.map((day, index) => {
          const counts = days.get(day);
          const tone = toneOfDay(counts);
          const good = counts === undefined ? 0 : counts.succeeded + counts.caughtUp;
          const words = counts === undefined ? '' : countWords(counts);
          const label = `${fullDay(day)}: ${words === '' ? 'nothing' : words}`;
          return (
            <button
              key={day}
              type="button"
              data-day={day}
              data-tone={tone}
              data-level={tone === 'good' ? Math.min(3, Math.ceil((good / most) * 3)) : undefined}
              data-today={day === today || undefined}
              className={styles['yearDay']}
              style={index === 0 ? { gridColumnStart: before + 1 } : undefined}
              tabIndex={day === active ? 0 : -1}
              title={label}
              aria-label={label}
              onClick={() => onOpenDay(day)}
              onFocus={() => onFocus(day)}
              onKeyDown={(event) => onKey(event, day)}
            >
              {Number(day.slice(8))}
            </button>
          );
        })}
      </div>
    </section>
  );
}

/** What the squares mean. */
export function YearLegend() {
  const entries: { tone: string; level?: number; words: string }[] = [
    { tone: 'none', words: 'nothing' },
    { tone: 'planned', words: 'planned' },
    { tone: 'good', level: 1, words: 'all good, few' },
    { tone: 'good', level: 3, words: 'all good, many' },
    { tone: 'running', words: 'running' },
    { tone: 'stopped', words: 'only skipped or cancelled' },
    { tone: 'missed', words: 'missed' },
    { tone: 'failed', words: 'failed' },
  ];
  return (
    <ul className={styles['legend']} aria-label="What the squares mean">
      {entries.map(({ tone, level, words }) => (
        <li key={words}>
          <span className={styles['yearDay']} data-tone={tone} data-level={level} data-legend aria-hidden />
          {words}
        </li>
      ))}
    </ul>
  );
}
