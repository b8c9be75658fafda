// The history as a grid: sorted by its headers, walked with the arrow keys, drawn only where it is in sight.
import { IconArrowDown, IconArrowUp, IconCalendar } from '@tabler/icons-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { Backup } from '../../shared/contract/backups.ts';
import { go } from '../navigation.ts';
import { ProfileTag } from '../profiles/ProfileTag.tsx';
import { useScheduleName } from '../schedules/names.ts';
import { ago, bytes, dateTime, duration } from '../ui/format.ts';
import { StatusTag, Tag } from '../ui/Tag.tsx';
import { useVirtualRows } from '../ui/virtual-rows.ts';
import styles from './backups.module.css';
import { holdsWords } from './BackupFacts.tsx';
import { PinButton } from './PinButton.tsx';
import { rowAt, useBackups, type BackupList, type SortKey } from './store.ts';

const columns: readonly { title: string; sort: SortKey | null; right?: true }[] = [
  { title: 'Started', sort: 'startedAt' },
  { title: 'Database', sort: 'database' },
  { title: 'Profile', sort: 'profile' },
  { title: 'Status', sort: 'status' },
  { title: 'Size', sort: 'sizeBytes', right: true },
  { title: 'Took', sort: 'durationMs', right: true },
  { title: 'Schedule, label', sort: null },
];
const rowHeight = 36;

export function BackupTable({ list, openId }: { list: Extract<BackupList, { status: 'ready' }>; openId: string | null }) {
  const ensure = useBackups((state) => state.ensure);
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(0);
  const virtual = useVirtualRows({ count: list.total, height: rowHeight, scroller });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (list.total > 0) ensure(first, last);
  }, [ensure, first, last, list]);

  const move = (to: number) => {
    const index = Math.min(Math.max(to, 0), list.total - 1);
    setFocused(index);
    virtual.scrollToIndex(index);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus());
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? rowHeight) / rowHeight) - 1);
    const steps: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: list.total - 1,
    };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      move(to);
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      const backup = rowAt(list, index);
      if (backup !== undefined) go('backups', backup.id);
    }
  };
  // The tab key always finds one row, also when the focused one was scrolled out of sight.
  const stop = focused >= first && focused <= last ? focused : first;

  return (
    <div className={styles['grid']} role="grid" aria-label="Backups" aria-rowcount={list.total + 1} aria-colcount={columns.length}>
      <div role="rowgroup">
        <Header />
      </div>
      <div ref={scroller} className={styles['rows']} role="rowgroup" tabIndex={-1}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
          {items.map((item) => {
            const backup = rowAt(list, item.index);
            return (
              <div
                key={item.index}
                role="row"
                data-index={item.index}
                aria-rowindex={item.index + 2}
                aria-selected={backup !== undefined && backup.id === openId}
                tabIndex={item.index === stop ? 0 : -1}
                className={styles['row']}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={() => {
                  setFocused(item.index);
                  if (backup !== undefined) go('backups', backup.id);
                }}
                onKeyDown={(event) => onKey(event, item.index)}
              >
                {backup === undefined ? <EmptyCells /> : <Cells backup={backup} />}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Header() {
  const { filter, setFilter } = useBackups();
  return (
    <div role="row" aria-rowindex={1} className={styles['headRow']}>
      {columns.map(({ title, sort, right }) => {
        const sorted = sort !== null && filter.sort === sort;
        const Arrow = filter.descending ? IconArrowDown : IconArrowUp;
        return (
          <div
            key={title}
            role="columnheader"
            className={right ? styles['right'] : undefined}
            {...(sort === null ? {} : { 'aria-sort': sorted ? (filter.descending ? 'descending' : 'ascending') : 'none' })}
          >
            {sort === null ? (
              title
            ) : (
              <button
                type="button"
                className={styles['sort']}
                onClick={() =>
                  void setFilter({ sort, descending: sorted ? !filter.descending : sort !== 'database' && sort !== 'profile' })
                }
              >
                {title}
                {sorted && <Arrow size={13} aria-hidden />}
              </button>
            )}
          </div>
        );
      })}
    </div>
  );
}

function Cells({ backup }: { backup: Backup }) {
  const schedule = useScheduleName(backup.scheduleId);
  const done = backup.status === 'succeeded';
  return (
    <>
      <div role="gridcell" className="numbers" title={dateTime(backup.startedAt, true)}>
        {dateTime(backup.startedAt)} <span className="dim">{ago(backup.startedAt)}</span>
      </div>
      <div role="gridcell" className="mono cut" title={backup.database}>
        {backup.database}
      </div>
      <div role="gridcell">
        <ProfileTag id={backup.profileId} name={backup.profile} plain />
      </div>
      <div role="gridcell" className={styles['status']}>
        {done ? <Proof backup={backup} /> : <StatusTag status={backup.status} />}
        {backup.origin === 'safety' && <Tag tone="neutral">safety</Tag>}
        {done && backup.holds !== 'whole' && (
          <Tag tone="neutral" title={holdsWords[backup.holds]}>
            {backup.holds}
          </Tag>
        )}
      </div>
      <div role="gridcell" className={`numbers ${styles['right']}`}>
        {done ? bytes(backup.sizeBytes) : '–'}
      </div>
      <div role="gridcell" className={`numbers ${styles['right']}`}>
        {backup.status === 'running' ? '–' : duration(backup.durationMs)}
      </div>
      <div role="gridcell" className={styles['label']} title={backup.label}>
        {backup.origin === 'schedule' && (
          <>
            <IconCalendar size={14} aria-label="by schedule" className={styles['byClock']} />
            <span className="cut dim">{schedule ?? 'a schedule'}</span>
          </>
        )}
        <span className="cut">{backup.label}</span>
        {done && <PinButton backup={backup} inRow />}
      </div>
    </>
  );
}

function Proof({ backup }: { backup: Extract<Backup, { status: 'succeeded' }> }) {
  if (!backup.present)
    return (
      <Tag tone="bad" title="The folder is not where it was">
        files gone
      </Tag>
    );
  if (backup.verification === null) return <Tag tone="warn">not verified</Tag>;
  if (!backup.verification.ok) return <Tag tone="bad">verification failed</Tag>;
  const checks = `Every check passed ${ago(backup.verification.at)}`;
  return (
    <Tag tone="ok" title={checks}>
      {backup.verification.deep ? '✓ deep verified' : '✓ verified'}
    </Tag>
  );
}

function EmptyCells() {
  return columns.map(({ title }) => <div key={title} role="gridcell" aria-label="loading" className={styles['waiting']} />);
}
