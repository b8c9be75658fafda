import type { TablePreview } from '../../shared/contract/previews.ts';
import { count } from '../ui/format.ts';
import { countsInWords, kindOrder } from './kinds.ts';
import styles from './previews.module.css';

/** A table's rows of both sides by kind: told apart by colour and by pattern, and never so thin that they vanish. */
export function ProportionBar({ table }: { table: TablePreview }) {
  const kinds = kindOrder.filter((kind) => table[kind] > 0);
  const words = countsInWords(table, count);
  return (
    <div className={styles['bar']} role="img" aria-label={words} title={words}>
      {kinds.map((kind) => (
        <span key={kind} className={styles[`bar-${kind}`]} style={{ flexGrow: table[kind] }} />
      ))}
    </div>
  );
}
