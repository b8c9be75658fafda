// Dragging a slot to another time with the mouse. Nothing is moved here: letting go only says where to.
import { useEffect, useRef, useState, type PointerEvent as ReactPointerEvent, type RefObject } from 'react';
import type { CalendarItem } from './items.ts';

/** So many pixels make a drag of a click. */
const threshold = 5;
const edge = 28;
/** Pixels a frame. */
const scrollStep = 7;

export type Dragging = { item: CalendarItem; to: number | null };

/** `targetAt`: the instant under the pointer; `grabbed`: how far below the item's top it was taken, in pixels. */
export function useDrag(options: {
  targetAt: (x: number, y: number, item: CalendarItem, grabbed: number) => number | null;
  onDrop: (item: CalendarItem, to: number) => void;
  /** Scrolls while something is held at its upper or lower edge. */
  scroller?: RefObject<HTMLElement | null>;
}): { dragging: Dragging | null; begin: (event: ReactPointerEvent<HTMLElement>, item: CalendarItem) => void } {
  const [dragging, setDragging] = useState<Dragging | null>(null);
  const latest = useRef(options);
  const stop = useRef<() => void>(() => undefined);
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => () => stop.current(), []);

  const begin = (event: ReactPointerEvent<HTMLElement>, item: CalendarItem) => {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    const from = { x: event.clientX, y: event.clientY };
    const grabbed = event.clientY - event.currentTarget.getBoundingClientRect().top;
    let moved = false;
    let to: number | null = null;

    let pointer = from;
    let frame = 0;

    const aim = () => {
      const target = latest.current.targetAt(pointer.x, pointer.y, item, grabbed);
      to = target === item.at ? null : target;
      setDragging((before) => (before !== null && before.to === to ? before : { item, to }));
    };
    const scroll = () => {
      frame = requestAnimationFrame(scroll);
      const box = latest.current.scroller?.current;
      if (box === null || box === undefined) return;
      const { top, bottom } = box.getBoundingClientRect();
      const by = pointer.y < top + edge ? -scrollStep : pointer.y > bottom - edge ? scrollStep : 0;
      const before = box.scrollTop;
      box.scrollTop += by;
      if (box.scrollTop !== before) aim();
    };
    const move = (next: PointerEvent) => {
      if (!moved && Math.hypot(next.clientX - from.x, next.clientY - from.y) < threshold) return;
      pointer = { x: next.clientX, y: next.clientY };
      if (!moved) frame = requestAnimationFrame(scroll);
      moved = true;
      aim();
    };
    const end = () => {
      cancelAnimationFrame(frame);
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', drop);
      window.removeEventListener('pointercancel', end);
      window.removeEventListener('keydown', escape, true);
      stop.current = () => undefined;
      if (moved) {
        // The click that follows a drag is none.
        const swallow = (click: MouseEvent) => click.stopPropagation();
        window.addEventListener('click', swallow, { capture: true, once: true });
        setTimeout(() => window.removeEventListener('click', swallow, true), 0);
      }
      setDragging(null);
    };
    const drop = () => {
      end();
      if (moved && to !== null) latest.current.onDrop(item, to);
    };
    const escape = (key: KeyboardEvent) => {
      if (key.key !== 'Escape') return;
      key.stopPropagation();
      end();
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', drop);
    window.addEventListener('pointercancel', end);
    window.addEventListener('keydown', escape, true);
    stop.current = end;
  };
  return { dragging, begin };
}
