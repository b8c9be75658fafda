// One differing row: its key, and for a conflict the live value beside the backup's, with the difference marked.
import { useMemo } from 'react';
import type { RowDifference, RowValues } from '../../shared/contract/previews.ts';
import { plural } from '../ui/format.ts';
import { diffText } from './diff.ts';
import { foldAfter } from './fold.ts';
import { jsonLines } from './json-lines.ts';
import styles from './previews.module.css';
import { Value } from './Value.tsx';

/** So many columns of a row that has only one side are shown before it is unfolded. */
const few = 6;

export function RowCard({ row, unfolded, onToggle }: { row: RowDifference; unfolded: boolean; onToggle: () => void }) {
  const wide = row.kind === 'conflict';
  const keyed = new Set(Object.keys(row.key));
  const rest = wide ? row.changes : row.changes.filter(({ column }) => !keyed.has(column) || row.key[column] === undefined);
  const shown = wide || unfolded ? rest : rest.slice(0, few);
  const long = row.changes.some(({ live, backup }) => (live?.length ?? 0) > foldAfter || (backup?.length ?? 0) > foldAfter);
  const mayFold = long || shown.length < rest.length || (unfolded && !wide && rest.length > few);
  return (
    <>
      <div className={styles['rowHead']}>
        <Key values={row.key} />
        {mayFold && (
          <button type="button" className={styles['link']} aria-expanded={unfolded} onClick={onToggle}>
            {unfolded ? 'Fold' : shown.length < rest.length ? `Show all ${plural(rest.length, 'column')}` : 'Show whole values'}
          </button>
        )}
      </div>
      {row.clash !== undefined && <Clash clash={row.clash} />}
      {wide ? (
        <table className={styles['changes']}>
          <thead>
            <tr>
              {['Column', 'Live', 'Backup'].map((side) => (
                <th key={side} scope="col">
                  <span className="sr-only">{side}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((change) => (
              <Change key={change.column} change={change} unfolded={unfolded} />
            ))}
          </tbody>
        </table>
      ) : (
        <dl className={styles['values']}>
          {shown.map(({ column, live, backup }) => (
            <div key={column}>
              <dt className="mono cut" title={column}>
                {column}
              </dt>
              <dd>
                <Value text={row.kind === 'liveOnly' ? live : backup} what={column} unfolded={unfolded} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

function Change({ change, unfolded }: { change: RowDifference['changes'][number]; unfolded: boolean }) {
  const { column, live, backup } = change;
  const difference = useMemo(() => {
    if (live === null || backup === null || live === '' || backup === '') return null;
    const [left, right] = [jsonLines(live), jsonLines(backup)];
    // Where only spaces differ, lines of their own would hide it.
    const lines = left !== null && right !== null && left !== right && Math.max(live.length, backup.length) > 60;
    return lines ? diffText(left, right) : diffText(live, backup);
  }, [live, backup]);
  return (
    <tr>
      <th scope="row" className="mono cut" title={column}>
        {column}
      </th>
      <td>
        <Value text={live} parts={difference?.live} side="live" what={`live ${column}`} unfolded={unfolded} />
      </td>
      <td>
        <Value text={backup} parts={difference?.backup} side="backup" what={`backup ${column}`} unfolded={unfolded} />
      </td>
    </tr>
  );
}

function Key({ values }: { values: RowValues }) {
  return (
    <span className={`${styles['key']} mono`}>
      {Object.entries(values).map(([column, value]) => (
        <span key={column} className="cut" title={`${column} = ${value ?? 'NULL'}`}>
          <span className="dim">{column}</span> {value === null ? 'NULL' : value === '' ? "''" : value}
        </span>
      ))}
    </span>
  );
}

function Clash({ clash }: { clash: NonNullable<RowDifference['clash']> }) {
  return (
    <div className={styles['clash']}>
      <div className="wrap">
        <span className="mono">{clash.constraint}</span>:{' '}
        {clash.with === 'live' ? 'this live row has the value already' : 'another row of the backup has the value, too'}
      </div>
      <Key values={clash.row} />
    </div>
  );
}
