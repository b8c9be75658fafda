import type { Preview } from '../../shared/contract/previews.ts';
import { count } from '../ui/format.ts';
import { kindOrder, kindWords, type Kind } from './kinds.ts';
import styles from './previews.module.css';
import type { SortKey } from './tables.ts';

/** The four numbers (five where rows clash) that the whole comes down to; each brings its tables to the top. */
export function Totals({ preview, sort, onSort }: { preview: Preview; sort: SortKey; onSort: (sort: SortKey) => void }) {
  const { totals } = preview;
  const kinds = kindOrder.filter((kind) => kind !== 'uniqueClashes' || totals.uniqueClashes > 0);
  return (
    <div className={styles['cards']} role="group" aria-label="Totals">
      {kinds.map((kind) => (
        <button
          key={kind}
          type="button"
          className={styles['card']}
          aria-pressed={sort === kind}
          title={`Sort the tables by this`}
          onClick={() => onSort(kind)}
        >
          <Swatch kind={kind} />
          <span className={styles['cardName']}>{kindWords[kind].name}</span>
          <strong className="numbers">{count(totals[kind])}</strong>
          <span className={`${styles['cardMeans']} dim`}>{kindWords[kind].means}</span>
        </button>
      ))}
    </div>
  );
}

/** The same colour and pattern as in the bars: their legend. */
export function Swatch({ kind }: { kind: Kind }) {
  return <span className={`${styles['swatch']} ${styles[`bar-${kind}`]}`} aria-hidden />;
}
