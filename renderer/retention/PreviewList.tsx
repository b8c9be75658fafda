import { SegmentedControl } from '@mantine/core';
import { IconCheck, IconTrash } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { go } from '../navigation.ts';
import { ago, bytes, count, dateTime, plural } from '../ui/format.ts';
import { Empty } from '../ui/PageFrame.tsx';
import { ScrollRegion } from '../ui/ScrollRegion.tsx';
import { Tag } from '../ui/Tag.tsx';
import { useVirtualRows } from '../ui/virtual-rows.ts';
import { reasonsInOrder, reasonWords } from './reasons.ts';
import styles from './retention.module.css';
import { sumOf, type BackupRow, type GroupRow, type Row } from './rows.ts';

type Shown = 'all' | 'go' | 'stay';

/** `tried`: of a rule that is not saved yet. */
export function PreviewList({ rows, tried }: { rows: Row[]; tried: boolean }) {
  const [shown, setShown] = useState<Shown>('all');
  const backups = rows.filter((row) => row.kind === 'backup');
  const going = backups.filter((row) => row.goes);
  const staying = backups.filter((row) => !row.goes);
  if (backups.length === 0) {
    return (
      <Empty title="No backups yet">
        <p>What a rule would delete, and why each other backup stays, is shown here before anything happens.</p>
      </Empty>
    );
  }
  const visible = shown === 'all' ? rows : only(rows, shown);
  return (
    <>
      <div className={styles['summary']}>
        <div className={styles['sums']} role="status">
          {going.length === 0 ? (
            <strong>{tried ? 'Nothing would go' : 'Nothing goes now'}</strong>
          ) : (
            <strong className={styles['going']}>
              {`${plural(going.length, 'backup')} ${tried ? 'would go' : going.length === 1 ? 'goes' : 'go'}, ${bytes(sumOf(going))}`}
            </strong>
          )}
          <span className="dim">{`${plural(staying.length, 'backup')} ${staying.length === 1 ? 'stays' : 'stay'}, ${bytes(sumOf(staying))}`}</span>
        </div>
        <SegmentedControl<Shown>
          aria-label="Which backups to show"
          value={shown}
          onChange={setShown}
          data={[
            { value: 'all', label: 'All' },
            { value: 'go', label: `Going (${count(going.length)})` },
            { value: 'stay', label: `Staying (${count(staying.length)})` },
          ]}
        />
      </div>
      <Rows rows={visible} />
    </>
  );
}

/** The rows that go or stay, under headers that still count all of their group. */
function only(rows: Row[], shown: 'go' | 'stay'): Row[] {
  const kept = rows.filter((row) => row.kind === 'group' || row.goes === (shown === 'go'));
  return kept.filter((row, index) => row.kind === 'backup' || kept[index + 1]?.kind === 'backup');
}

function Rows({ rows }: { rows: Row[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualRows({ count: rows.length, height: 34, scroller });
  return (
    <ScrollRegion ref={scroller} label="Backups that stay or go" className={styles['rows']}>
      <div role="list" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            <div
              key={item.key}
              role="listitem"
              aria-setsize={rows.length}
              aria-posinset={item.index + 1}
              className={styles[row.kind === 'group' ? 'group' : 'row']}
              data-goes={(row.kind === 'backup' && row.goes) || undefined}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {row.kind === 'group' ? <Group row={row} /> : <Backup row={row} />}
            </div>
          );
        })}
      </div>
    </ScrollRegion>
  );
}

function Group({ row }: { row: GroupRow }) {
  return (
    <>
      <strong className="mono cut" title={row.title}>
        {row.title}
      </strong>
      {row.holds !== 'whole' && <Tag tone="neutral">{row.holds}</Tag>}
      <span className="dim">
        {row.go === 0 ? `all ${count(row.stay)} stay` : `${count(row.stay)} stay, ${count(row.go)} go (${bytes(row.goBytes)})`}
      </span>
    </>
  );
}

function Backup({ row }: { row: BackupRow }) {
  const { backup, goes } = row;
  const words = reasonsInOrder(row.reasons).map(reasonWords);
  return (
    <>
      <span className={styles['fate']}>
        {goes ? <IconTrash size={15} aria-hidden /> : <IconCheck size={15} aria-hidden />}
        {goes ? 'goes' : 'stays'}
      </span>
      <button type="button" className={`${styles['link']} numbers`} title={ago(backup.startedAt)} onClick={() => go('backups', backup.id)}>
        {dateTime(backup.startedAt)}
      </button>
      <span className={`numbers ${styles['right']}`}>{bytes(backup.sizeBytes)}</span>
      <span className="cut" title={words.join('; ')}>
        {!backup.good && <Tag tone="warn">not good</Tag>} {words[0]}
        {words.length > 1 && <span className="dim">{`; ${words.slice(1).join('; ')}`}</span>}
      </span>
      <span className="dim cut" title={backup.schedule ?? ''}>
        {backup.schedule ?? (backup.origin === 'manual' ? 'by hand' : backup.origin)}
      </span>
    </>
  );
}
