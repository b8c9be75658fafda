import { Button } from '@mantine/core';
import { useState } from 'react';
import { api } from '../api.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { LogView } from '../ui/LogView.tsx';

/** The stored log, fetched when asked for. */
export function BackupLog({ backupId }: { backupId: string }) {
  const [open, setOpen] = useState(false);
  const [log, again] = useLoad(open ? backupId : null, () => api.backups.log({ id: backupId }));
  return (
    <div>
      <Button variant="default" aria-expanded={open} onClick={() => setOpen(!open)} mb={open ? 'xs' : 0}>
        {open ? 'Hide log' : 'Show log'}
      </Button>
      {open && (
        <Loaded of={log} what="the log" retry={again}>
          {({ lines }) => <LogView lines={lines} live={false} height={300} />}
        </Loaded>
      )}
    </div>
  );
}
