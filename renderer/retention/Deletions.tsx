// Every deletion that retention ever decided, newest first.
import { IconRecycle } from '@tabler/icons-react';
import { useRef } from 'react';
import type { Deletion } from '../../shared/contract/retention.ts';
import { api } from '../api.ts';
import { useApp } from '../app/store.ts';
import { ProfileTag } from '../profiles/ProfileTag.tsx';
import { bytes, count, dateTime } from '../ui/format.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { Empty, Scroll } from '../ui/PageFrame.tsx';
import { ScrollRegion } from '../ui/ScrollRegion.tsx';
import { Tag } from '../ui/Tag.tsx';
import { useVirtualRows } from '../ui/virtual-rows.ts';
import { reasonWords } from './reasons.ts';
import styles from './retention.module.css';

const most = 10_000;

export function Deletions() {
  const catalog = useApp((state) => state.catalog);
  const [deletions, again] = useLoad('deletions', () => api.retention.deletions({ limit: most }), catalog);
  if (deletions.status !== 'ready') {
    return (
      <Scroll>
        <Loaded of={deletions} what="deletions" retry={again}>
          {() => null}
        </Loaded>
      </Scroll>
    );
  }
  if (deletions.value.total === 0) {
    return (
      <Empty icon={<IconRecycle size={36} aria-hidden />} title="Nothing was deleted yet">
        <p>Each backup that a rule takes away is written down here first, with the reason and the rule as it stood then.</p>
      </Empty>
    );
  }
  return <Grid deletions={deletions.value.deletions} total={deletions.value.total} />;
}

function Grid({ deletions, total }: { deletions: Deletion[]; total: number }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualRows({ count: deletions.length, height: 46, scroller });
  return (
    <div className={styles['record']} role="table" aria-label="Deletions" aria-rowcount={deletions.length + 1}>
      <div role="rowgroup">
        <div role="row" className={styles['recordHead']} aria-rowindex={1}>
          <span role="columnheader">Decided</span>
          <span role="columnheader">Backup of</span>
          <span role="columnheader">Made</span>
          <span role="columnheader">State</span>
          <span role="columnheader" className={styles['right']}>
            Freed
          </span>
          <span role="columnheader">Why</span>
        </div>
      </div>
      <div role="rowgroup" className={styles['recordRows']}>
        <ScrollRegion ref={scroller} label="Deletions" className={styles['rows']}>
          <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
            {virtual.getVirtualItems().map((item) => {
              const deletion = deletions[item.index];
              if (deletion === undefined) return null;
              return (
                <div
                  key={item.key}
                  role="row"
                  aria-rowindex={item.index + 2}
                  className={styles['recordRow']}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <Cells deletion={deletion} />
                </div>
              );
            })}
          </div>
        </ScrollRegion>
      </div>
      {total > deletions.length && (
        <div className={styles['cut']}>{`The newest ${count(deletions.length)} of ${count(total)} are shown.`}</div>
      )}
    </div>
  );
}

function Cells({ deletion }: { deletion: Deletion }) {
  return (
    <>
      <span role="cell" className="numbers">
        {dateTime(deletion.markedAt)}
      </span>
      <span role="cell" className={styles['two']}>
        <span className="mono cut" title={deletion.database}>
          {deletion.database}
        </span>
        <ProfileTag id={null} name={deletion.profile} plain />
      </span>
      <span role="cell" className="numbers">
        {dateTime(deletion.startedAt)}
      </span>
      <span role="cell">
        {deletion.state === 'removed' ? <Tag tone="neutral">removed</Tag> : null}
        {deletion.state === 'marked' ? <Tag tone="info">being removed</Tag> : null}
        {deletion.state === 'failed' ? <Tag tone="bad">failed</Tag> : null}
      </span>
      <span role="cell" className={`numbers ${styles['right']}`}>
        {bytes(deletion.freedBytes)}
      </span>
      <span role="cell" className={styles['two']}>
        <span className="cut" title={deletion.error?.message ?? reasonWords(deletion.reason)}>
          {deletion.error?.message ?? reasonWords(deletion.reason)}
        </span>
        <span className="dim cut" title={deletion.rule}>
          {deletion.rule}
        </span>
      </span>
    </>
  );
}
