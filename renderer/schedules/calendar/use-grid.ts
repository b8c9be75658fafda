// The keyboard in a grid of days or hours. One tab stop: the active cell and what is in it. Arrows go from cell to cell,
// past the edge into the next period; inside a cell Tab reaches its runs, and from a run the up and down arrows go on to
// the run before and after it, wherever that is. Escape returns to the cell.
import { useEffect, useRef, useState, type FocusEvent, type KeyboardEvent, type RefObject } from 'react';

export type GridKey = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight' | 'Home' | 'End' | 'PageUp' | 'PageDown';
const gridKeys: readonly string[] = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown'];

export function useGrid(options: {
  root: RefObject<HTMLDivElement | null>;
  /** Whether a cell is in sight. */
  has: (id: string) => boolean;
  /** The active cell as long as the user has chosen none that is in sight. */
  fallback: string;
  /** The cell that a key leads to from another; it may be out of sight. */
  neighbour: (id: string, key: GridKey) => string;
  /** Brings a cell into sight. */
  onGo: (id: string) => void;
  onEnter: (id: string) => void;
}): {
  active: string;
  onKeyDown: (event: KeyboardEvent) => void;
  onFocus: (event: FocusEvent) => void;
} {
  const { root, has, fallback, neighbour, onGo, onEnter } = options;
  const [chosen, setChosen] = useState(fallback);
  const wanted = useRef<string | null>(null);
  const active = has(chosen) ? chosen : fallback;

  const focusCell = (id: string) => {
    const cell = root.current?.querySelector<HTMLElement>(`[data-cell="${id}"]`);
    cell?.focus();
    cell?.scrollIntoView({ block: 'nearest' });
  };
  // A cell that was not in sight when the key was pressed.
  useEffect(() => {
    if (wanted.current === null || !has(wanted.current)) return;
    focusCell(wanted.current);
    wanted.current = null;
  });

  const goTo = (id: string) => {
    setChosen(id);
    if (has(id)) {
      focusCell(id);
      return;
    }
    wanted.current = id;
    onGo(id);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    const cell = target.closest<HTMLElement>('[data-cell]');
    const id = cell?.dataset['cell'];
    if (cell === null || id === undefined) return;
    const inside = target !== cell;
    if (event.key === 'Escape' && inside) {
      event.preventDefault();
      cell.focus();
    } else if (inside && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const items = [...(root.current?.querySelectorAll<HTMLElement>('[data-order]') ?? [])].toSorted(
        (a, b) => Number(a.dataset['order']) - Number(b.dataset['order']),
      );
      const at = items.indexOf(target);
      items[at === -1 ? 0 : at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
    } else if (gridKeys.includes(event.key)) {
      event.preventDefault();
      goTo(neighbour(id, event.key as GridKey));
    } else if (!inside && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      onEnter(id);
    }
  };

  const onFocus = (event: FocusEvent) => {
    const id = (event.target as HTMLElement).closest<HTMLElement>('[data-cell]')?.dataset['cell'];
    if (id !== undefined) setChosen(id);
  };
  return { active, onKeyDown, onFocus };
}
