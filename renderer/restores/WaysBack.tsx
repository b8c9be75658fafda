// Undo and discard: each names what it changes, and runs as a job of its own.
import { Button, Group, Stack } from '@mantine/core';
import { IconArrowBackUp, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Restore } from '../../shared/contract/restores.ts';
import { assertNever } from '../../shared/errors.ts';
import { api } from '../api.ts';
import { catalogChanged } from '../app/store.ts';
import { FollowedState } from '../jobs/FollowedState.tsx';
import { ProfileTag } from '../profiles/ProfileTag.tsx';
import { findProfile, useProfileList } from '../profiles/store.ts';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';

type Asking = 'nothing' | 'undo' | 'discard';

export function WaysBack({ restore }: { restore: Restore }) {
  const [asking, setAsking] = useState<Asking>('nothing');
  const [jobId, setJobId] = useState<string | null>(null);
  const production = findProfile(useProfileList(), restore.profileId, restore.profile)?.environment === 'production';
  const previous = restore.previousDatabase;

  return (
    <Stack gap="sm">
      {restore.undo === 'possible' && (
        <Group gap="xs">
          <Button variant="default" leftSection={<IconArrowBackUp size={15} />} onClick={() => setAsking('undo')}>
            Undo…
          </Button>
          {previous !== null && (
            <Button variant="subtle" color="red" leftSection={<IconTrash size={15} />} onClick={() => setAsking('discard')}>
              Discard the old database…
            </Button>
          )}
        </Group>
      )}
      {jobId !== null && <FollowedState key={jobId} jobId={jobId} onEnded={catalogChanged} />}
      {dialog()}
    </Stack>
  );

  function dialog() {
    const onClose = () => setAsking('nothing');
    const where = <ProfileTag id={restore.profileId} name={restore.profile} />;
    switch (asking) {
      case 'nothing':
        return null;
      case 'undo':
        return (
          <ConfirmDialog
            title={`Go back to the old ${restore.database}?`}
            action={`Undo the restore of ${restore.database}`}
            typed={production ? { what: 'database name', value: restore.database } : null}
            onClose={onClose}
            onConfirm={async () => setJobId((await api.restores.undo({ id: restore.id, confirm: restore.database })).jobId)}
          >
            {restore.strategy !== null && previous === null ? (
              <div className="wrap">
                The tables that were touched in <strong className="mono">{restore.database}</strong> get back the rows that they had before
                this restore. A safety backup of how they are now is made first; what was written to them since the restore will no longer
                be seen.
              </div>
            ) : (
              <div className="wrap">
                {previous === null ? (
                  <>The safety backup is put back into </>
                ) : (
                  <>
                    The names are swapped back: <strong className="mono">{previous}</strong> becomes{' '}
                  </>
                )}
                <strong className="mono">{restore.database}</strong>
                {previous === null ? '.' : ' again.'} What was written since the restore will no longer be seen.
              </div>
            )}
            {where}
          </ConfirmDialog>
        );
      case 'discard':
        if (previous === null) return null;
        return (
          <ConfirmDialog
            title="Discard the old database?"
            action={`Drop ${previous}`}
            typed={production ? { what: 'database name', value: previous } : null}
            onClose={onClose}
            onConfirm={async () => setJobId((await api.restores.discard({ id: restore.id, confirm: previous })).jobId)}
          >
            <div className="wrap">
              <strong className="mono">{previous}</strong> is dropped from the server. After that the restore of{' '}
              <strong className="mono">{restore.database}</strong> cannot be undone.
            </div>
            {where}
          </ConfirmDialog>
        );
      default:
        return assertNever(asking);
    }
  }
}
