// "Back up now": what to take, and beside it what exactly would run.
import { Button, Group, Modal, Select, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { Profile } from '../../shared/contract/profiles.ts';
import { api } from '../api.ts';
import { go } from '../navigation.ts';
import { EnvironmentTag, profileLabel } from '../profiles/ProfileTag.tsx';
import { useProfileList, useProfiles } from '../profiles/store.ts';
import { bytes } from '../ui/format.ts';
import { useAction, useLoad } from '../ui/loadable.ts';
import { ErrorNotice } from '../ui/Notice.tsx';
import { Empty } from '../ui/PageFrame.tsx';
import styles from './backups.module.css';
import { HowFields, type BackupPart } from './HowFields.tsx';
import { freshForm, toOptions, type BackupForm, type BackupRequest } from './options.ts';
import { PlanPreview } from './PlanPreview.tsx';
import { ScopeChoice } from './ScopeChoice.tsx';
import { useBackups } from './store.ts';

export function BackUpDialog() {
  const { dialog, closeDialog } = useBackups();
  const profiles = useProfileList();
  const loaded = useProfiles((state) => state.profiles.status === 'ready');
  if (!dialog.open || !loaded) return null;
  return (
    <Modal opened onClose={closeDialog} title="Back up now" size={980} closeButtonProps={{ 'aria-label': 'Close' }}>
      {profiles.length === 0 ? (
        <Empty
          title="No connection yet"
          actions={
            <Button
              onClick={() => {
                closeDialog();
                go('profiles', 'new');
              }}
            >
              Add a connection
            </Button>
          }
        >
          <p>A backup needs a connection profile: where the server is and who you are there.</p>
        </Empty>
      ) : (
        <Form profiles={profiles} startWith={dialog.profileId} onClose={closeDialog} />
      )}
    </Modal>
  );
}

function Form({ profiles, startWith, onClose }: { profiles: Profile[]; startWith: string | null; onClose: () => void }) {
  const [profileId, setProfileId] = useState((profiles.find((one) => one.id === startWith) ?? profiles[0])?.id ?? '');
  const [form, setForm] = useState<BackupForm>(freshForm);
  const profile = profiles.find((one) => one.id === profileId);
  const patch = (change: Partial<BackupForm>) => setForm((now) => ({ ...now, ...change }));
  const options = toOptions(form);
  const { doing, run } = useAction();

  const start = (asked: BackupRequest) =>
    run(async () => {
      const { jobId } = await api.backups.start({ profileId, options: asked });
      onClose();
      go('activity', jobId);
    });

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (options !== null && doing.status !== 'busy') start(options);
      }}
    >
      <div className={styles['dialog']}>
        <Stack gap="sm">
          <What profiles={profiles} profile={profile} form={form} patch={patch} onProfile={setProfileId} />
          <ScopeChoice profileId={profileId} database={form.database} form={form} patch={patch} />
          <HowFields form={form} patch={patch} />
        </Stack>
        <Plan profileId={profileId} profile={profile} options={options} form={form} />
      </div>
      {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
      <Group justify="flex-end" gap="xs" className={styles['footer'] ?? ''}>
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button type="submit" disabled={options === null} loading={doing.status === 'busy'} data-autofocus>
          Start backup
        </Button>
      </Group>
    </form>
  );
}

function What({
  profiles,
  profile,
  form,
  patch,
  onProfile,
}: BackupPart & { profiles: Profile[]; profile: Profile | undefined; onProfile: (id: string) => void }) {
  const [databases] = useLoad(profile?.id ?? null, () => api.profiles.databases({ id: profile?.id ?? '' }));
  const data =
    databases.status === 'ready'
      ? databases.value.map((database) => ({ value: database.name, label: `${database.name} (${bytes(database.sizeBytes)})` }))
      : [];
  return (
    <Group grow align="flex-start" gap="sm">
      <Select
        label={
          <Group gap={6} component="span" display="inline-flex">
            Profile {profile !== undefined && <EnvironmentTag environment={profile.environment} />}
          </Group>
        }
        aria-label="Profile"
        data={profiles.map((one) => ({ value: one.id, label: profileLabel(one) }))}
        value={profile?.id ?? null}
        onChange={(id) => {
          if (id === null) return;
          onProfile(id);
          patch({ database: '', scope: 'all', schemas: [], tables: new Set() });
        }}
        searchable
      />
      <Select
        label="Database"
        placeholder={profile?.database === '' || profile === undefined ? 'the profile’s own' : profile.database}
        data={data}
        value={form.database === '' ? null : form.database}
        onChange={(database) => patch({ database: database ?? '', scope: 'all', schemas: [], tables: new Set() })}
        searchable
        clearable
        nothingFoundMessage={databases.status === 'failed' ? databases.error.message : 'No database matches'}
      />
    </Group>
  );
}

function Plan({
  profileId,
  profile,
  options,
  form,
}: {
  profileId: string;
  profile: Profile | undefined;
  options: BackupRequest | null;
  form: BackupForm;
}) {
  const [asked] = useDebouncedValue(options === null ? null : JSON.stringify({ profileId, options: { ...options, label: '' } }), 250);
  const [plan, again] = useLoad(asked, (signal) =>
    api.backups.plan(JSON.parse(asked ?? '{}') as { profileId: string; options: BackupRequest }, { signal }),
  );
  return (
    <PlanPreview
      plan={asked === null ? null : plan}
      retry={again}
      quickWithoutPatterns={form.quick && profile?.quickExcludePatterns.length === 0}
      profileId={profileId}
    />
  );
}
