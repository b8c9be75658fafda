// What a schedule does: backups of whose databases and how, or a cleanup.
import { Group, MultiSelect, SegmentedControl, Select, Stack, TagsInput } from '@mantine/core';
import { useState } from 'react';
import type { Profile } from '../../../shared/contract/profiles.ts';
import { api } from '../../api.ts';
import { HowFields } from '../../backups/HowFields.tsx';
import { ScopeChoice } from '../../backups/ScopeChoice.tsx';
import { EnvironmentTag, profileLabel } from '../../profiles/ProfileTag.tsx';
import { useProfileList } from '../../profiles/store.ts';
import { bytes } from '../../ui/format.ts';
import { useLoad } from '../../ui/loadable.ts';
import { Notice } from '../../ui/Notice.tsx';
import styles from './editor.module.css';
import { oneDatabase } from './form.ts';
import type { FormPart } from './ScheduleEditor.tsx';

export function WhatFields({ form, patch, problems, profile }: FormPart & { profile: Profile | undefined }) {
  const profiles = useProfileList();
  return (
    <section className={styles['part']} aria-label="What">
      <h3>What</h3>
      <Stack gap="sm">
        <SegmentedControl
          aria-label="What it does"
          value={form.kind}
          onChange={(kind) => patch({ kind })}
          data={[
            { value: 'backup' as const, label: 'Back up' },
            { value: 'cleanup' as const, label: 'Clean up old backups' },
          ]}
          style={{ alignSelf: 'flex-start' }}
        />
        <Select
          label={
            <Group gap={6} component="span" display="inline-flex">
              Profile {profile !== undefined && <EnvironmentTag environment={profile.environment} />}
            </Group>
          }
          aria-label="Profile"
          placeholder={form.kind === 'cleanup' ? 'Everywhere' : 'Choose a profile'}
          data={profiles.map((one) => ({ value: one.id, label: profileLabel(one) }))}
          value={form.profileId === '' ? null : form.profileId}
          onChange={(id) =>
            patch({ profileId: id ?? '', named: [], except: [], backup: { ...form.backup, scope: 'all', schemas: [], tables: new Set() } })
          }
          clearable={form.kind === 'cleanup'}
          searchable
          nothingFoundMessage="No profile matches"
          error={problems.profileId}
        />
        {form.kind === 'cleanup' ? (
          <span className="dim">
            Deletes what the rules on the Retention page no longer want. Without a rule, nothing goes; the last good backup never goes.
          </span>
        ) : (
          <Backup form={form} patch={patch} problems={problems} profile={profile} />
        )}
      </Stack>
    </section>
  );
}

function Backup({ form, patch, problems, profile }: FormPart & { profile: Profile | undefined }) {
  const database = oneDatabase(form);
  const [open, setOpen] = useState(form.excludeTableData.length > 0);
  return (
    <>
      <Databases form={form} patch={patch} problems={problems} profile={profile} />
      {profile !== undefined && (database !== null || form.backup.scope !== 'all') && (
        <>
          <ScopeChoice
            profileId={profile.id}
            database={database ?? ''}
            form={form.backup}
            patch={(change) => patch({ backup: { ...form.backup, ...change } })}
          />
          {problems.scope !== undefined && <span className={styles['problem']}>{problems.scope}</span>}
        </>
      )}
      <details className={styles['more']} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{`How: ${howWords(form)}`}</summary>
        <Stack gap="sm" mt="sm">
          <HowFields labelled="off-site copy" form={form.backup} patch={(change) => patch({ backup: { ...form.backup, ...change } })} />
          <TagsInput
            label="Also leave out the rows of"
            description="Table patterns as pg_dump knows them, e.g. public.log_*; such a backup is not whole"
            placeholder={form.excludeTableData.length === 0 ? 'Type a pattern and press Enter' : ''}
            value={form.excludeTableData}
            onChange={(excludeTableData) => patch({ excludeTableData })}
            splitChars={[',']}
          />
        </Stack>
      </details>
      {form.backup.quick && profile?.quickExcludePatterns.length === 0 && (
        <Notice tone="warn">
          {`${profile.name} has no patterns for quick backups yet, so nothing would be left out. They are set on the profile’s page.`}
        </Notice>
      )}
    </>
  );
}

function Databases({ form, patch, problems, profile }: FormPart & { profile: Profile | undefined }) {
  const [databases] = useLoad(form.databases === 'profile' ? null : (profile?.id ?? null), () =>
    api.profiles.databases({ id: profile?.id ?? '' }),
  );
  const names =
    databases.status === 'ready' ? databases.value.map((one) => ({ value: one.name, label: `${one.name} (${bytes(one.sizeBytes)})` })) : [];
  // Names that are chosen stay to be seen where the server does not answer or has them no more.
  const known = (chosen: string[]) => [
    ...names,
    ...chosen.filter((name) => !names.some((one) => one.value === name)).map((name) => ({ value: name, label: name })),
  ];
  const nothing =
    databases.status === 'failed' ? databases.error.message : databases.status === 'loading' ? 'Asking the server…' : 'No database matches';
  return (
    <>
      <SegmentedControl
        aria-label="Databases"
        value={form.databases}
        onChange={(kind) => patch({ databases: kind })}
        data={[
          {
            value: 'profile' as const,
            label: profile === undefined || profile.database === '' ? 'The profile’s own database' : `Only ${profile.database}`,
          },
          { value: 'named' as const, label: 'Chosen databases' },
          { value: 'all' as const, label: 'All, new ones included' },
        ]}
        style={{ alignSelf: 'flex-start' }}
      />
      {form.databases === 'named' && (
        <MultiSelect
          size="xs"
          label="Databases to back up"
          data={known(form.named)}
          value={form.named}
          onChange={(named) => patch({ named })}
          searchable
          nothingFoundMessage={nothing}
          error={problems.named}
        />
      )}
      {form.databases === 'all' && (
        <MultiSelect
          size="xs"
          label="Except"
          description="Every database that is there when a run begins, also one created since; templates are left out"
          placeholder={form.except.length === 0 ? 'none' : ''}
          data={known(form.except)}
          value={form.except}
          onChange={(except) => patch({ except })}
          searchable
          nothingFoundMessage={nothing}
        />
      )}
    </>
  );
}

function howWords({ backup, excludeTableData }: FormPart['form']): string {
  const parts = [
    backup.format === 'auto' ? 'the fastest safe format' : `${backup.format} format`,
    ...(backup.method === 'auto' ? [] : [backup.level === null ? backup.method : `${backup.method}:${backup.level}`]),
    ...(backup.quick ? ['quick'] : []),
    ...(excludeTableData.length > 0 ? ['some rows left out'] : []),
    ...(backup.globals ? ['with roles'] : []),
    backup.deepVerify ? 'verified by a trial restore' : 'verified',
  ];
  return parts.join(', ');
}
