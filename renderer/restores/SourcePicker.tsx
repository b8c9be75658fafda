// Where the dump comes from: a file (dropped, picked, or named by its path) or one of the backups.
import { Button, FileButton, Group, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFileDownload, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '../api.ts';
import { useApp } from '../app/store.ts';
import { isDesktop } from '../host.ts';
import { ProfileTag } from '../profiles/ProfileTag.tsx';
import { ago, bytes, dateTime } from '../ui/format.ts';
import { useAction, useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { ErrorNotice } from '../ui/Notice.tsx';
import { Section } from '../ui/PageFrame.tsx';
import { Tag } from '../ui/Tag.tsx';
import styles from './restores.module.css';
import { useRestore } from './store.ts';

export function SourcePicker() {
  return (
    <div className={styles['columns']}>
      <FromFile />
      <FromBackup />
    </div>
  );
}

function FromFile() {
  const { choose, receive } = useRestore();
  const [path, setPath] = useState('');
  const { doing, run } = useAction();
  const pick = () =>
    run(async () => {
      const { file } = await api.app.chooseDumpFile();
      if (file !== null) choose({ kind: 'file', id: file.id }, file.name);
    });
  return (
    <Section title="A dump file">
      <Stack gap="md">
        <div className={styles['drop']}>
          <IconFileDownload size={34} aria-hidden />
          <strong>Drop a dump file anywhere on this window</strong>
          <span className="dim">
            Custom, directory, tar or plain SQL; as it is, or compressed with gzip or zstd. It is only looked at: you decide afterwards.
          </span>
          {isDesktop() ? (
            <Button variant="default" onClick={pick} loading={doing.status === 'busy'}>
              Choose a file…
            </Button>
          ) : (
            <FileButton onChange={(file) => file !== null && receive(file)} inputProps={{ 'aria-label': 'Dump file' }}>
              {(props) => (
                <Button variant="default" {...props}>
                  Choose a file…
                </Button>
              )}
            </FileButton>
          )}
        </div>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            run(async () => {
              const file = await api.dumps.open({ path: path.trim() });
              choose({ kind: 'file', id: file.id }, file.name);
            });
          }}
        >
          <Group align="flex-end" gap="xs" wrap="nowrap">
            <TextInput
              label="Or its path on this machine"
              description="Also for the folder of a directory-format dump"
              placeholder="/var/backups/shop.dump"
              value={path}
              onChange={(event) => setPath(event.currentTarget.value)}
              style={{ flex: 1 }}
              styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
              spellCheck={false}
            />
            <Button type="submit" variant="default" disabled={path.trim() === ''} loading={doing.status === 'busy'}>
              Inspect
            </Button>
          </Group>
        </form>
        {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
      </Stack>
    </Section>
  );
}

function FromBackup() {
  const choose = useRestore((state) => state.choose);
  const catalog = useApp((state) => state.catalog);
  const [search, setSearch] = useState('');
  const [words] = useDebouncedValue(search, 60);
  const [found, again] = useLoad(
    `words ${words}`,
    () => api.backups.list({ status: 'succeeded', limit: 50, brief: true, ...(words === '' ? {} : { search: words }) }),
    catalog,
  );
  return (
    <Section title="One of the backups" flush>
      <div className={styles['searchBar']}>
        <TextInput
          aria-label="Search backups to restore"
          placeholder="Search profile, database, label"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      <Loaded of={found} what="backups" retry={again}>
        {({ backups, total }) => (
          <div className={styles['choices']} role="group" aria-label="Backups to restore">
            {backups.map(
              (backup) =>
                backup.status === 'succeeded' && (
                  <button
                    key={backup.id}
                    type="button"
                    className={styles['choice']}
                    disabled={!backup.present}
                    onClick={() => choose({ kind: 'backup', id: backup.id }, `Backup of ${backup.database}, ${dateTime(backup.startedAt)}`)}
                  >
                    <span className="cut">
                      <strong className="mono" title={backup.database}>
                        {backup.database}
                      </strong>{' '}
                      {backup.label}
                    </span>
                    <span className="numbers">{bytes(backup.sizeBytes)}</span>
                    <span className={`${styles['choiceWhere']} dim`}>
                      <ProfileTag id={backup.profileId} name={backup.profile} plain />
                    </span>
                    <span className="dim numbers" title={dateTime(backup.startedAt, true)}>
                      {backup.present ? ago(backup.startedAt) : <Tag tone="bad">files gone</Tag>}
                    </span>
                  </button>
                ),
            )}
            {backups.length === 0 && <p className={styles['none']}>{words === '' ? 'No backups yet.' : 'No backup matches.'}</p>}
            {total > backups.length && <p className={styles['none']}>Showing the newest {backups.length}. Search to find older ones.</p>}
          </div>
        )}
      </Loaded>
    </Section>
  );
}
