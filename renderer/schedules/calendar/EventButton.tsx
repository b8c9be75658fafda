// One slot or run on the calendar: shape and ground tell its state, the left edge its schedule.
import type { CSSProperties, PointerEvent } from 'react';
import { isMovable, outcome, sentence, type CalendarItem } from './items.ts';
import { usePercent } from './data.ts';
import { StateIcon } from './StateIcon.tsx';
import { timeOf } from './zone.ts';
import styles from './calendar.module.css';

export function EventButton({
  item,
  zone,
  now,
  order,
  tabbable,
  style,
  lines = 0,
  width = 100,
  rest = false,
  dragged,
  onOpen,
  onGrab,
}: {
  item: CalendarItem;
  zone: string;
  now: number;
  /** Its place among all in sight, by time. */
  order: number;
  tabbable: boolean;
  style?: CSSProperties;
  /** Room for so many lines of the name below the time. */
  lines?: number;
  /** In pixels: what there is room for beside the shape. */
  width?: number;
  /** What is left of one that began on the day before: there is a whole button there already. */
  rest?: boolean;
  dragged: boolean;
  onOpen: (item: CalendarItem) => void;
  onGrab: (event: PointerEvent<HTMLElement>, item: CalendarItem) => void;
}) {
  const percent = usePercent(item.kind === 'run' ? item.run : null);
  const wide = width > 300;
  const movable = !rest && isMovable(item, now);
  const label = sentence(item, zone) + (percent === null ? '' : `, ${percent} percent`);
  return (
    <button
      type="button"
      className={[
        styles['event'],
        styles[`ground-${item.state}`],
        lines > 0 && !wide ? styles['tall'] : '',
        width < 66 ? styles['narrow'] : '',
        width < 48 ? styles['tiny'] : '',
        movable ? styles['movable'] : '',
        dragged ? styles['dragged'] : '',
      ].join(' ')}
      style={{ ...style, '--event': item.colour, '--lines': lines } as CSSProperties}
      title={movable ? `${label}. Drag it to another time.` : label}
      aria-label={label}
      tabIndex={tabbable && !rest ? 0 : -1}
      {...(rest ? { 'aria-hidden': true } : { 'data-order': order, 'data-item': item.key })}
      onClick={(event) => {
        event.stopPropagation();
        onOpen(item);
      }}
      {...(movable ? { onPointerDown: (event) => onGrab(event, item) } : {})}
    >
      <span className={styles['eventHead']}>
        <StateIcon state={item.state} percent={percent} />
        <span className={styles['eventTime']}>{timeOf(item.at, zone)}</span>
      </span>
      <span className={styles['eventName']}>{item.name}</span>
      {percent !== null && <span className={styles['eventTime']}>{percent} %</span>}
      {wide && <span className={styles['eventMore']}>{outcome(item)}</span>}
    </button>
  );
}
