import { countWords } from './items.ts';
import { StateIcon } from './StateIcon.tsx';
import type { ViewProps } from './view-props.ts';
import { fullDay, shortWeekday } from './zone.ts';
import styles from './calendar.module.css';

/** The name of a column, with what went wrong on its day. */
export function DayHead({
  day,
  today,
  counts,
  onOpen,
}: {
  day: string;
  today: boolean;
  counts: ViewProps['period']['days'] extends ReadonlyMap<string, infer C> ? C | undefined : never;
  onOpen: ((day: string) => void) | null;
}) {
  const words = counts === undefined ? '' : countWords(counts);
  const label = (
    <>
      <span>{shortWeekday(day)}</span>
      <span className={styles['headNumber']} data-today={today || undefined}>
        {Number(day.slice(8))}
      </span>
    </>
  );
  return (
    <div role="columnheader" className={styles['dayColumn']} aria-label={`${fullDay(day)}${words === '' ? '' : `, ${words}`}`}>
      {onOpen === null ? (
        <span className={styles['dayColumnName']}>{label}</span>
      ) : (
        <button
          type="button"
          className={styles['dayColumnName']}
          title={`Open ${fullDay(day)}`}
          aria-label={`Open ${fullDay(day)}`}
          onClick={() => onOpen(day)}
        >
          {label}
        </button>
      )}
      {counts !== undefined && counts.failed > 0 && (
        <span className={`${styles['badCount']} ${styles['ground-failed']}`} title={`${counts.failed} failed`}>
          <StateIcon state="failed" size={12} />
          {counts.failed}
        </span>
      )}
      {counts !== undefined && counts.missed > 0 && (
        <span className={`${styles['badCount']} ${styles['ground-missed']}`} title={`${counts.missed} missed`}>
          <StateIcon state="missed" size={12} />
          {counts.missed}
        </span>
      )}
    </div>
  );
}
