// A dump may be dropped anywhere on the window. It is only looked at; nothing is restored by dropping.
import { notifications } from '@mantine/notifications';
import { IconFileSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { isDesktop } from '../host.ts';
import { useRestore } from '../restores/store.ts';
import styles from './app.module.css';

export function DropOverlay() {
  const [over, setOver] = useState(false);
  const receive = useRestore((state) => state.receive);

  useEffect(() => {
    // Enter and leave come for every element below the pointer: count them.
    let depth = 0;
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hover = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
    };
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      const files = event.dataTransfer?.files;
      const file = files?.[0];
      if (file === undefined) return;
      const folder = event.dataTransfer?.items[0]?.webkitGetAsEntry()?.isDirectory ?? false;
      if (folder && !isDesktop()) {
        notifications.show({
          color: 'red',
          title: 'A browser cannot hand over folders',
          message: 'Give the folder’s path on the restore page instead.',
        });
        return;
      }
      if ((files?.length ?? 0) > 1) notifications.show({ message: `Only the first file, ${file.name}, is looked at.` });
      receive(file);
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('dragover', hover);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('dragover', hover);
      window.removeEventListener('drop', drop);
    };
  }, [receive]);

  if (!over) return null;
  return (
    <div className={styles['overlay']} role="status">
      <div className={styles['overlayCard']}>
        <IconFileSearch size={44} aria-hidden />
        <strong>Drop to inspect</strong>
        <span>The dump is only looked at. You decide afterwards.</span>
      </div>
    </div>
  );
}
