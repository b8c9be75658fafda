import { Select } from '@mantine/core';
import { useState } from 'react';
import type { SucceededBackup } from '../../shared/contract/backups.ts';
import { api } from '../api.ts';
import { EnvironmentTag, profileLabel } from '../profiles/ProfileTag.tsx';
import { findProfile, useProfileList } from '../profiles/store.ts';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';

/** A trial restore needs a server: the user says whose, because it is work for that server. */
export function DeepVerifyDialog({
  backup,
  onStarted,
  onClose,
}: {
  backup: SucceededBackup;
  onStarted: (jobId: string) => void;
  onClose: () => void;
}) {
  const profiles = useProfileList();
  const [picked, setPicked] = useState<string | null>(null);
  const server = picked ?? (findProfile(profiles, backup.profileId, backup.profile) ?? profiles[0])?.id ?? null;
  const profile = profiles.find((one) => one.id === server);
  return (
    <ConfirmDialog
      title="Deep verify"
      action="Start the deep check"
      danger={false}
      typed={null}
      onClose={onClose}
      onConfirm={async () => {
        const onProfile = server === null ? {} : { onProfileId: server };
        onStarted((await api.backups.verify({ source: { kind: 'backup', id: backup.id }, deep: true, ...onProfile })).jobId);
      }}
    >
      <div>
        The backup of <strong className="mono">{backup.database}</strong> is restored into a throw-away database, its rows are counted and
        compared with the manifest, and the throw-away is dropped again. No other database is touched.
      </div>
      <Select
        label="Server for the throw-away database"
        description={profile !== undefined && <EnvironmentTag environment={profile.environment} />}
        data={profiles.map((one) => ({ value: one.id, label: profileLabel(one) }))}
        value={server}
        onChange={setPicked}
      />
    </ConfirmDialog>
  );
}
