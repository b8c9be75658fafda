import { stateWords, type ShownState } from './items.ts';
import { StateIcon } from './StateIcon.tsx';
import styles from './calendar.module.css';

const shown: readonly ShownState[] = ['planned', 'running', 'succeeded', 'caught-up', 'failed', 'missed', 'skipped', 'cancelled'];

/** What the shapes mean. */
export function Legend() {
  return (
    <ul className={styles['legend']} aria-label="What the shapes mean">
      {shown.map((state) => (
        <li key={state}>
          <StateIcon state={state} percent={null} />
          {stateWords[state]}
        </li>
      ))}
      <li className={styles['legendEdge']}>
        <span aria-hidden />
        left edge: the schedule
      </li>
    </ul>
  );
}
