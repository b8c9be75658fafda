import { Button, Checkbox, Group, Modal, NumberInput, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '../api.ts';
import { go } from '../navigation.ts';
import { EnvironmentTag, profileLabel } from '../profiles/ProfileTag.tsx';
import { useProfileList } from '../profiles/store.ts';
import { bytes } from '../ui/format.ts';
import { useLoad } from '../ui/loadable.ts';
import { ErrorNotice } from '../ui/Notice.tsx';
import { Section } from '../ui/PageFrame.tsx';
import type { TargetForm } from './request.ts';

/** Where the dump goes, and with what care. */
export function TargetChoice({ form, patch }: { form: TargetForm; patch: (change: Partial<TargetForm>) => void }) {
  const profiles = useProfileList();
  const profile = profiles.find((one) => one.id === form.profileId);
  // Tables that are there keep their owners and grants.
  const rowByRow = form.target === 'existing' && form.how === 'rows';
  const [refusing, setRefusing] = useState(false);
  return (
    <Section title="Where to" actions={profile !== undefined && <EnvironmentTag environment={profile.environment} />}>
      <Stack gap="sm">
        {profiles.length === 0 && (
          <Group justify="space-between">
            <span>A restore needs a connection to the target server.</span>
            <Button variant="default" onClick={() => go('profiles', 'new')}>
              Add a connection
            </Button>
          </Group>
        )}
        <Select
          label="Target profile"
          placeholder="Choose a server"
          data={profiles.map((one) => ({ value: one.id, label: profileLabel(one) }))}
          value={profile?.id ?? null}
          onChange={(id) => patch({ profileId: id ?? '', existing: '' })}
          searchable
        />
        <SegmentedControl
          aria-label="Kind of target"
          value={form.target}
          onChange={(target) => patch({ target })}
          data={[
            { value: 'new' as const, label: 'New database' },
            { value: 'existing' as const, label: 'Existing database' },
          ]}
        />
        {form.target === 'new' ? (
          <TextInput
            label="Database name"
            description="Created on the target server"
            value={form.newName}
            onChange={(event) => patch({ newName: event.currentTarget.value })}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            spellCheck={false}
          />
        ) : (
          <ExistingDatabase form={form} patch={patch} />
        )}
        {!rowByRow && (
          <Checkbox
            label="Leave out owners and grants"
            description="Everything will belong to the profile’s own user."
            checked={form.noOwner}
            onChange={(event) => patch({ noOwner: event.currentTarget.checked })}
          />
        )}
        <Checkbox
          label="Make a safety backup of the target first"
          description="Skipped by itself where there is nothing to lose."
          checked={form.safetyBackup}
          onChange={(event) => (event.currentTarget.checked ? patch({ safetyBackup: true }) : setRefusing(true))}
        />
        {!rowByRow && (
          <NumberInput
            label="Parallel jobs"
            placeholder="automatic"
            min={1}
            max={64}
            allowDecimal={false}
            value={form.jobs ?? ''}
            onChange={(jobs) => patch({ jobs: typeof jobs === 'number' ? jobs : null })}
            w={160}
          />
        )}
      </Stack>
      {refusing && (
        <Modal
          opened
          onClose={() => setRefusing(false)}
          title="Restore without a safety backup?"
          closeButtonProps={{ 'aria-label': 'Close' }}
        >
          <Stack gap="md">
            <div>
              If the restore turns out to be the wrong one and the old database has been discarded or changed in place, there is nothing to
              go back to but older backups. What was written since then would be lost.
            </div>
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={() => setRefusing(false)} data-autofocus>
                Keep the safety backup
              </Button>
              <Button
                color="red"
                onClick={() => {
                  patch({ safetyBackup: false });
                  setRefusing(false);
                }}
              >
                Go without it
              </Button>
            </Group>
          </Stack>
        </Modal>
      )}
    </Section>
  );
}

function ExistingDatabase({ form, patch }: { form: TargetForm; patch: (change: Partial<TargetForm>) => void }) {
  const [databases, again] = useLoad(form.profileId === '' ? null : form.profileId, () => api.profiles.databases({ id: form.profileId }));
  if (databases.status === 'failed')
    return (
      <ErrorNotice
        error={databases.error}
        action={
          <Button variant="default" onClick={again}>
            Try again
          </Button>
        }
      />
    );
  const data =
    databases.status === 'ready'
      ? databases.value.map((database) => ({
          value: database.name,
          label: `${database.name} (${bytes(database.sizeBytes)}${database.keptAside ? ', kept aside by a restore' : ''})`,
        }))
      : [];
  return (
    <Select
      label="Existing database"
      placeholder={form.profileId === '' ? 'Choose a server first' : databases.status === 'loading' ? 'Loading…' : 'Choose a database'}
      data={data}
      value={form.existing === '' ? null : form.existing}
      onChange={(existing) => patch({ existing: existing ?? '' })}
      disabled={form.profileId === ''}
      searchable
      nothingFoundMessage="No database matches"
    />
  );
}
