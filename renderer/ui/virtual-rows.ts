import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import type { RefObject } from 'react';

/** Which of `count` rows of about `height` pixels are in sight of `scroller`. */
export function useVirtualRows(options: {
  count: number;
  height: number;
  scroller: RefObject<HTMLDivElement | null>;
  keyOf?: (index: number) => number;
}): Virtualizer<HTMLDivElement, Element> {
  // The library's functions change without changing their identity; nothing here is memoized over them.
  // oxlint-disable-next-line react/incompatible-library
  return useVirtualizer({
    count: options.count,
    getScrollElement: () => options.scroller.current,
    estimateSize: () => options.height,
    overscan: 12,
    ...(options.keyOf === undefined ? {} : { getItemKey: options.keyOf }),
  });
}
