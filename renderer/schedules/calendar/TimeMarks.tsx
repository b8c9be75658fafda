// What stands in a column beside its runs: odd hours, late starts, now, and where a dragged run would land.
import { lateStart, type CalendarItem } from './items.ts';
import { drawnSpan, hourHeight, leastHeight } from './time-spots.ts';
import { dayOf, dayOfWall, hour, timeOf, toWall, wallOfDay, type oddHours } from './zone.ts';
import styles from './calendar.module.css';

export function Odd({ odd }: { odd: ReturnType<typeof oddHours> | undefined }) {
  const gap = odd?.gap ?? null;
  const twice = odd?.twice ?? null;
  return (
    <>
      {gap !== null && (
        <div className={styles['gap']} style={{ top: (gap.from / hour) * hourHeight, height: ((gap.to - gap.from) / hour) * hourHeight }}>
          does not exist: clocks go forward
        </div>
      )}
      {twice !== null && (
        <div
          className={styles['twice']}
          style={{ top: (twice.from / hour) * hourHeight, height: ((twice.to - twice.from) / hour) * hourHeight }}
        >
          comes twice: clocks go back
        </div>
      )}
    </>
  );
}

/** Where a run that began late should have begun: it is drawn where it ran, and its slot must not look as if nothing was due. */
export function LateMarks({ items, day, zone }: { items: readonly CalendarItem[]; day: string; zone: string }) {
  return items
    .filter((item) => lateStart(item) !== null && drawnSpan(item).begin !== item.at && dayOf(item.at, zone) === day)
    .map((item) => {
      const wall = toWall(item.at, zone) - wallOfDay(day);
      return (
        <div
          key={item.key}
          className={styles['lateMark']}
          style={{ top: (wall / hour) * hourHeight, '--event': item.colour } as React.CSSProperties}
        >
          {timeOf(item.at, zone)} → {timeOf(drawnSpan(item).begin, zone)} {item.name}
        </div>
      );
    });
}

export function NowLine({ wall }: { wall: number }) {
  return <div className={styles['nowLine']} style={{ top: (wall / hour) * hourHeight }} />;
}

export function DropGhost({ item, to, zone }: { item: CalendarItem; to: number; zone: string }) {
  const wall = toWall(to, zone);
  const top = ((wall - wallOfDay(dayOfWall(wall))) / hour) * hourHeight;
  const height = Math.max(leastHeight, (drawnSpan(item).length / hour) * hourHeight);
  return (
    <div className={styles['ghost']} style={{ top, height: Math.min(height, 24 * hourHeight - top) }}>
      {timeOf(to, zone)} {item.name}
    </div>
  );
}
