import { IconCheck, IconX } from '@tabler/icons-react';
import type { RowEffects } from '../../shared/contract/previews.ts';
import { count } from '../ui/format.ts';
import styles from './previews.module.css';
import { compareEffects } from './verdict.ts';

/** What was done, beside what the preview had said; `predicted` null: a restore that was not started from here. */
export function Prediction({ predicted, done }: { predicted: RowEffects | null; done: RowEffects }) {
  return (
    <table className={styles['prediction']} aria-label="Result">
      <thead>
        <tr>
          <th scope="col">Rows</th>
          {predicted !== null && <th scope="col">Preview</th>}
          <th scope="col">Done</th>
          {predicted !== null && <th scope="col">Same</th>}
        </tr>
      </thead>
      <tbody>
        {compareEffects(predicted ?? done, done).map((line) => (
          <tr key={line.name}>
            <th scope="row">{line.name}</th>
            {predicted !== null && <td className="numbers">{count(line.predicted)}</td>}
            <td className="numbers">{count(line.done)}</td>
            {predicted !== null && (
              <td>
                {line.predicted === line.done ? (
                  <IconCheck size={15} role="img" aria-label="as predicted" className={styles['proud']} />
                ) : (
                  <IconX size={15} role="img" aria-label="not as predicted" className={styles['deleted']} />
                )}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
