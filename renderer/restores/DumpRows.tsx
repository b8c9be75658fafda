// The rows of one table as the dump holds them. No server is asked, unless for a condition, which only a server can understand.
import { Button, Drawer, Group, Stack, TextInput } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { DumpSource, TableName } from '../../shared/contract/common.ts';
import { profileLabel } from '../profiles/ProfileTag.tsx';
import { useProfileList } from '../profiles/store.ts';
import { DumpRowsGrid } from './DumpRowsGrid.tsx';
import styles from './dump-rows.module.css';

export function DumpRowsDrawer({
  source,
  table,
  profileId,
  onClose,
}: {
  source: DumpSource;
  table: TableName;
  /** Whose server is offered for a condition where this machine has none; '': nobody's. */
  profileId: string;
  onClose: () => void;
}) {
  const [text, setText] = useState('');
  const [where, setWhere] = useState('');
  /** Never the target's server by itself: it may be production. */
  const [onProfile, setOnProfile] = useState<string | null>(null);
  const profile = useProfileList().find((one) => one.id === profileId);
  const changed = text.trim() !== where;
  return (
    <Drawer
      opened
      onClose={onClose}
      title={`Rows of ${table.schema}.${table.table}`}
      size="min(1240px, 90vw)"
      closeButtonProps={{ 'aria-label': 'Close' }}
      classNames={{ body: styles['body'] ?? '', content: styles['content'] ?? '', title: 'cut' }}
    >
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          setOnProfile(null);
          setWhere(text.trim());
        }}
      >
        <Stack gap={4}>
          <Group gap="xs" wrap="nowrap">
            <TextInput
              aria-label="Only rows where"
              placeholder="Only rows where … , as in id = 42"
              leftSection={<IconSearch size={14} aria-hidden />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
              style={{ flex: 1 }}
              spellCheck={false}
            />
            <Button type="submit" variant="default" disabled={!changed}>
              Show these rows
            </Button>
            {where !== '' && (
              <Button
                variant="subtle"
                leftSection={<IconX size={14} />}
                onClick={() => {
                  setText('');
                  setWhere('');
                }}
              >
                All rows
              </Button>
            )}
          </Group>
          <span className="dim">
            {text.trim() === ''
              ? 'Read from the dump itself; no server is asked.'
              : 'A condition is SQL: a private server of this machine runs it on a copy of the table and is thrown away afterwards.'}
          </span>
        </Stack>
      </form>
      <DumpRowsGrid
        key={`${onProfile ?? ''} ${where}`}
        request={{ source, table, ...(where === '' ? {} : { where, ...(onProfile === null ? {} : { profileId: onProfile }) }) }}
        wayOn={(error) =>
          error.code === 'SAMPLE_UNAVAILABLE' && profile !== undefined ? (
            <Button variant="default" onClick={() => setOnProfile(profile.id)}>
              Use a throw-away database on {profileLabel(profile)}
            </Button>
          ) : null
        }
      />
    </Drawer>
  );
}
