// Deleting what the saved rules no longer want: asked anew right before, so that number and bytes are those of now.
import { Modal, Stack } from '@mantine/core';
import type { Doomed } from '../../shared/contract/retention.ts';
import { api } from '../api.ts';
import { go } from '../navigation.ts';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { bytes, plural } from '../ui/format.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import styles from './retention.module.css';

/** `profileId` null: everywhere. */
export function ApplyDialog({ profileId, name, onClose }: { profileId: string | null; name: string; onClose: () => void }) {
  const where = profileId === null ? {} : { profileId };
  const [preview, again] = useLoad('now', () => api.retention.preview(where));

  if (preview.status !== 'ready' || preview.value.delete.length === 0) {
    return (
      <Modal opened onClose={onClose} title={`Clean up ${name}`} closeButtonProps={{ 'aria-label': 'Close' }}>
        <Loaded of={preview} what="what would go" retry={again}>
          {() => <div>Nothing goes: the rules want every backup that is there.</div>}
        </Loaded>
      </Modal>
    );
  }
  const { delete: doomed, deleteBytes, keep } = preview.value;
  const databases = byDatabase(doomed);
  return (
    <ConfirmDialog
      title={`Delete ${plural(doomed.length, 'backup')}?`}
      action={`Delete ${plural(doomed.length, 'backup')}, ${bytes(deleteBytes)}`}
      typed={null}
      onClose={onClose}
      onConfirm={async () => {
        const { jobId } = await api.retention.apply({ ...where, confirm: doomed.length });
        go('activity', jobId);
      }}
    >
      <Stack gap="xs">
        <div>
          {`${plural(doomed.length, 'backup')} of ${name} (${bytes(deleteBytes)}) ${doomed.length === 1 ? 'is' : 'are'} deleted from the disk. This cannot be undone. ${plural(keep.length, 'backup')} ${keep.length === 1 ? 'stays' : 'stay'}.`}
        </div>
        <ul className={styles['doomed']} aria-label="What goes">
          {databases.slice(0, 12).map(([what, some]) => (
            <li key={what}>
              <span className="mono wrap">{what}</span>
              <span className="dim numbers">{`${plural(some.length, 'backup')}, ${bytes(some.reduce((sum, one) => sum + one.sizeBytes, 0))}`}</span>
            </li>
          ))}
        </ul>
        {databases.length > 12 && <div className="dim">{`and of ${databases.length - 12} more databases`}</div>}
      </Stack>
    </ConfirmDialog>
  );
}

function byDatabase(doomed: readonly Doomed[]): [string, Doomed[]][] {
  const groups = new Map<string, Doomed[]>();
  for (const one of doomed) {
    const what = `${one.database} on ${one.profile}`;
    const group = groups.get(what);
    if (group === undefined) groups.set(what, [one]);
    else group.push(one);
  }
  return [...groups];
}
