// One profile: fields, password, test, save, remove.
import { Button, Group, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlugConnected, IconTrash } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { ConnectionTest, Profile, ProfileFields } from '../../shared/contract/profiles.ts';
import { api } from '../api.ts';
import { useBackups } from '../backups/store.ts';
import { errorReport } from '../errors.ts';
import { go, setUnsaved } from '../navigation.ts';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { useAction, type Loadable } from '../ui/loadable.ts';
import { ErrorNotice } from '../ui/Notice.tsx';
import { ConnectionFields } from './ConnectionFields.tsx';
import { fieldsOf, freshProfile, passwordInput, type PasswordChange } from './form.ts';
import { LookFields } from './LookFields.tsx';
import styles from './profiles.module.css';
import { QuickPatterns } from './QuickPatterns.tsx';
import { useProfiles } from './store.ts';
import { TestPanel } from './TestPanel.tsx';
import { ToolFields } from './ToolFields.tsx';
import { UrlPaste } from './UrlPaste.tsx';

/** `profile` null: a new one. */
export function ProfileEditor({ profile }: { profile: Profile | null }) {
  const [fields, setFields] = useState<ProfileFields>(profile === null ? freshProfile : fieldsOf(profile));
  const [password, setPassword] = useState<PasswordChange>({ kind: 'keep' });
  const [test, setTest] = useState<Loadable<ConnectionTest> | null>(null);
  const [removing, setRemoving] = useState(false);
  const { doing, run } = useAction();
  const load = useProfiles((state) => state.load);
  const openDialog = useBackups((state) => state.openDialog);
  const patch = (change: Partial<ProfileFields>) => setFields((now) => ({ ...now, ...change }));

  const changed =
    password.kind !== 'keep' || JSON.stringify(fields) !== JSON.stringify(profile === null ? freshProfile : fieldsOf(profile));
  useEffect(() => {
    setUnsaved(changed);
    return () => setUnsaved(false);
  }, [changed]);

  const save = () =>
    run(async () => {
      const input = { profile: fields, ...passwordInput(password) };
      const saved = profile === null ? await api.profiles.create(input) : await api.profiles.update({ id: profile.id, ...input });
      await load();
      setPassword({ kind: 'keep' });
      setFields(fieldsOf(saved));
      notifications.show({ message: `${saved.name} was saved` });
      setUnsaved(false);
      go('profiles', saved.id);
    });

  const runTest = async () => {
    setTest({ status: 'loading' });
    try {
      const tested = { ...fields, name: fields.name === '' ? 'unnamed' : fields.name };
      setTest({
        status: 'ready',
        value: await api.profiles.test({ ...(profile === null ? {} : { id: profile.id }), profile: tested, ...passwordInput(password) }),
      });
    } catch (thrown) {
      setTest({ status: 'failed', error: errorReport(thrown) });
    }
  };

  return (
    <form
      className={styles['editor']}
      aria-label={profile === null ? 'New connection' : `Connection ${profile.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (doing.status !== 'busy') save();
      }}
    >
      <div className={styles['fields']}>
        <Stack gap="md" maw={760}>
          {profile === null && (
            <UrlPaste
              onParsed={(parsed) => {
                setFields((now) => ({ ...now, ...parsed.profile, name: now.name === '' ? parsed.suggestedName : now.name }));
                if (parsed.password !== null) setPassword({ kind: 'set', password: parsed.password });
              }}
            />
          )}
          <ConnectionFields
            fields={fields}
            patch={patch}
            password={password}
            onPassword={setPassword}
            hasPassword={profile?.hasPassword ?? false}
          />
          {test !== null && <TestPanel test={test} profileId={profile?.id ?? null} again={() => void runTest()} />}
          <LookFields fields={fields} patch={patch} />
          <ToolFields fields={fields} patch={patch} />
          <QuickPatterns
            profileId={profile?.id ?? null}
            patterns={fields.quickExcludePatterns}
            onChange={(quickExcludePatterns) => patch({ quickExcludePatterns })}
          />
        </Stack>
      </div>
      <div className={styles['footer']}>
        {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
        <Group gap="xs" maw={760}>
          <Button type="submit" disabled={fields.name.trim() === '' || (!changed && profile !== null)} loading={doing.status === 'busy'}>
            {profile === null ? 'Save connection' : 'Save changes'}
          </Button>
          <Button
            variant="default"
            leftSection={<IconPlugConnected size={15} />}
            loading={test?.status === 'loading'}
            onClick={() => void runTest()}
          >
            Test connection
          </Button>
          {profile !== null && (
            <>
              <Button variant="default" onClick={() => openDialog(profile.id)}>
                Back up…
              </Button>
              <Button variant="subtle" color="red" leftSection={<IconTrash size={15} />} onClick={() => setRemoving(true)} ml="auto">
                Remove…
              </Button>
            </>
          )}
        </Group>
      </div>
      {removing && profile !== null && (
        <ConfirmDialog
          title={`Remove ${profile.name}?`}
          action={`Remove ${profile.name}`}
          typed={profile.environment === 'production' ? { what: 'profile name', value: profile.name } : null}
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await api.profiles.remove({ id: profile.id });
            setUnsaved(false);
            await load();
            go('profiles');
          }}
        >
          <div>The connection and its stored password are removed. Its backups and their files stay where they are.</div>
        </ConfirmDialog>
      )}
    </form>
  );
}
