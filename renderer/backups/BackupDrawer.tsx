// One backup: its proof first, then the facts, its files, its log, and what can be done with it.
import { Button, Drawer, Group, Stack } from '@mantine/core';
import { IconArrowBackUp, IconFolderOpen, IconShieldCheck, IconShieldSearch, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Backup, SucceededBackup } from '../../shared/contract/backups.ts';
import { api } from '../api.ts';
import { catalogChanged, useApp } from '../app/store.ts';
import { isDesktop } from '../host.ts';
import { FollowedState } from '../jobs/FollowedState.tsx';
import { go } from '../navigation.ts';
import { ProfileTag } from '../profiles/ProfileTag.tsx';
import { findProfile, useProfileList } from '../profiles/store.ts';
import { useRestore } from '../restores/store.ts';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { ago, bytes, dateTime } from '../ui/format.ts';
import { useAction, useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { BackupFacts, Files } from './BackupFacts.tsx';
import { BackupLog } from './BackupLog.tsx';
import { DeepVerifyDialog } from './DeepVerifyDialog.tsx';
import { LabelEditor } from './LabelEditor.tsx';
import { PinButton } from './PinButton.tsx';
import { Proof } from './Proof.tsx';
import { useBackups } from './store.ts';

export function BackupDrawer({ id, onClose }: { id: string | null; onClose: () => void }) {
  const catalog = useApp((state) => state.catalog);
  const [backup, again] = useLoad(id, () => api.backups.get({ id: id ?? '' }), catalog);
  const title = backup.status === 'ready' ? `Backup of ${backup.value.database}` : 'Backup';
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      title={<span className="cut">{title}</span>}
      size={680}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {id !== null && (
        <Loaded of={backup} what="the backup" retry={again}>
          {(value) => <Detail key={value.id} backup={value} onGone={onClose} />}
        </Loaded>
      )}
    </Drawer>
  );
}

function Detail({ backup, onGone }: { backup: Backup; onGone: () => void }) {
  const openDialog = useBackups((state) => state.openDialog);
  switch (backup.status) {
    case 'running':
      return (
        <Stack gap="md">
          <BackupFacts backup={backup} />
          {backup.jobId === null ? (
            <Notice tone="info">It is being made by another Howdah.</Notice>
          ) : (
            <FollowedState jobId={backup.jobId} onEnded={catalogChanged} />
          )}
          <BackupLog backupId={backup.id} />
        </Stack>
      );
    case 'succeeded':
      return <Succeeded backup={backup} onGone={onGone} />;
    case 'failed':
    case 'cancelled':
    case 'interrupted':
      return (
        <Stack gap="md">
          <ErrorNotice
            error={backup.error}
            action={
              <Button variant="default" onClick={() => openDialog(backup.profileId)}>
                Back up again…
              </Button>
            }
          />
          <BackupFacts backup={backup} />
          <BackupLog backupId={backup.id} />
          <Remove backup={backup} onGone={onGone} />
        </Stack>
      );
  }
}

function Succeeded({ backup, onGone }: { backup: SucceededBackup; onGone: () => void }) {
  const [jobId, setJobId] = useState<string | null>(null);
  const [deep, setDeep] = useState(false);
  const { doing, run } = useAction();
  const choose = useRestore((state) => state.choose);
  return (
    <Stack gap="md">
      <Group gap="xs">
        <Button
          leftSection={<IconArrowBackUp size={15} />}
          disabled={!backup.present}
          onClick={() => {
            choose({ kind: 'backup', id: backup.id }, `Backup of ${backup.database}, ${dateTime(backup.startedAt)}`);
            go('restore');
          }}
        >
          Restore…
        </Button>
        <Button
          variant="default"
          leftSection={<IconShieldCheck size={15} />}
          loading={doing.status === 'busy'}
          onClick={() => run(async () => setJobId((await api.backups.verify({ source: { kind: 'backup', id: backup.id } })).jobId))}
        >
          Verify
        </Button>
        <Button variant="default" leftSection={<IconShieldSearch size={15} />} onClick={() => setDeep(true)}>
          Deep verify…
        </Button>
        {isDesktop() && (
          <Button
            variant="default"
            leftSection={<IconFolderOpen size={15} />}
            onClick={() => run(async () => void (await api.app.showBackupFolder({ backupId: backup.id })))}
          >
            Show folder
          </Button>
        )}
        <PinButton backup={backup} />
        <Remove backup={backup} onGone={onGone} />
      </Group>
      {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
      {jobId !== null && <FollowedState key={jobId} jobId={jobId} onEnded={catalogChanged} />}
      {!backup.present && (
        <Notice
          tone="bad"
          title="The files are gone"
        >{`Nothing was found at ${backup.directory}. If the disk is only not attached, attach it and rescan the folder in Settings.`}</Notice>
      )}
      <Proof verification={backup.verification} />
      <BackupFacts backup={backup} />
      <LabelEditor backup={backup} />
      <Files backup={backup} />
      <BackupLog backupId={backup.id} />
      {deep && <DeepVerifyDialog backup={backup} onStarted={setJobId} onClose={() => setDeep(false)} />}
    </Stack>
  );
}

function Remove({ backup, onGone }: { backup: Backup; onGone: () => void }) {
  const [asking, setAsking] = useState(false);
  const profile = findProfile(useProfileList(), backup.profileId, backup.profile);
  return (
    <>
      <Button
        variant="subtle"
        color="red"
        leftSection={<IconTrash size={15} />}
        onClick={() => setAsking(true)}
        style={{ alignSelf: 'flex-start' }}
      >
        Delete…
      </Button>
      {asking && (
        <ConfirmDialog
          title="Delete this backup?"
          action="Delete backup"
          typed={profile?.environment === 'production' ? { what: 'database name', value: backup.database } : null}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await api.backups.remove({ id: backup.id, confirm: backup.id });
            catalogChanged();
            onGone();
          }}
        >
          <div className="wrap">
            The backup of <strong className="mono">{backup.database}</strong> made on {dateTime(backup.startedAt)} ({ago(backup.startedAt)})
            {backup.status === 'succeeded' && `, ${bytes(backup.sizeBytes)},`} is deleted from the disk and from the list. This cannot be
            undone.
          </div>
          <ProfileTag id={backup.profileId} name={backup.profile} />
          {backup.status === 'succeeded' && <div className="mono wrap dim">{backup.directory}</div>}
        </ConfirmDialog>
      )}
    </>
  );
}
