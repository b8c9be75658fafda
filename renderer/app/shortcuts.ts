import { useHotkeys } from '@mantine/hooks';
import { useBackups } from '../backups/store.ts';
import { go, pages } from '../navigation.ts';

/** Ctrl+1 … 8: pages; Ctrl+B: back up now. They also work while a field has the focus. */
export function useShortcuts(): void {
  const openDialog = useBackups((state) => state.openDialog);
  useHotkeys(
    [...pages.map((page, index): [string, () => void] => [`mod+${index + 1}`, () => go(page)]), ['mod+b', () => openDialog()]],
    [],
  );
}
