// Differing rows, one below the other, a page at a time. Arrow keys go from row to row, Enter unfolds one.
import { Button } from '@mantine/core';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { ErrorNotice } from '../ui/Notice.tsx';
import { useVirtualRows } from '../ui/virtual-rows.ts';
import { PreviewAgain } from './WaysOn.tsx';
import styles from './previews.module.css';
import { RowCard } from './RowCard.tsx';
import { useRowPages, type RowQuery } from './row-pages.ts';

export function RowFeed({ query, empty }: { query: RowQuery; empty: string }) {
  const pages = useRowPages(query);
  const { ensure } = pages;
  const total = pages.total ?? 0;
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(0);
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const virtual = useVirtualRows({ count: total, height: 84, scroller });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (total > 0) ensure(first, last);
  }, [ensure, first, last, total]);

  const toggle = (index: number) => {
    const next = new Set(unfolded);
    if (!next.delete(index)) next.add(index);
    setUnfolded(next);
  };
  const move = (to: number) => {
    const index = Math.min(Math.max(to, 0), total - 1);
    setFocused(index);
    virtual.scrollToIndex(index);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus());
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    if (event.target !== event.currentTarget) return;
    const steps: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + 5,
      PageUp: index - 5,
      Home: 0,
      End: total - 1,
    };
    const to = steps[event.key];
    if (to === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    if (to === undefined) toggle(index);
    else move(to);
  };
  const stop = focused >= first && focused <= last ? focused : first;

  if (pages.error !== null) {
    return (
      <ErrorNotice
        error={pages.error}
        action={
          pages.error.code === 'NOT_FOUND' ? (
            <PreviewAgain />
          ) : (
            <Button variant="default" onClick={pages.retry}>
              Try again
            </Button>
          )
        }
      />
    );
  }
  return (
    <>
      {query.kind === 'conflict' && (
        <div className={styles['sides']} aria-hidden>
          <span>Column</span>
          <span>Live</span>
          <span>Backup</span>
        </div>
      )}
      <div ref={scroller} className={styles['feed']} role="feed" aria-label="Rows" aria-busy={pages.total === null} tabIndex={-1}>
        {pages.total === 0 && (
          <div className={styles['nothing']} role="status">
            {empty}
          </div>
        )}
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {items.map((item) => {
            const row = pages.rowAt(item.index);
            return (
              // An article of a feed takes the focus (WAI-ARIA 1.2, role feed).
              // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
              <article
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                aria-posinset={item.index + 1}
                aria-setsize={total}
                aria-label={row === undefined ? 'loading' : `Row ${Object.values(row.key).slice(0, 4).join(', ')}`}
                // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
                tabIndex={item.index === stop ? 0 : -1}
                className={styles['rowCard']}
                style={{ transform: `translateY(${item.start}px)` }}
                onFocus={() => setFocused(item.index)}
                onKeyDown={(event) => onKey(event, item.index)}
              >
                {row === undefined ? (
                  <div className={styles['waiting']} />
                ) : (
                  <RowCard row={row} unfolded={unfolded.has(item.index)} onToggle={() => toggle(item.index)} />
                )}
              </article>
            );
          })}
        </div>
      </div>
    </>
  );
}
