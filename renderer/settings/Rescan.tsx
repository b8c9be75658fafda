import { Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { api } from '../api.ts';
import { catalogChanged } from '../app/store.ts';
import { DirectoryInput } from '../profiles/ToolFields.tsx';
import { plural } from '../ui/format.ts';
import { useAction } from '../ui/loadable.ts';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { Section } from '../ui/PageFrame.tsx';
import styles from './settings.module.css';
import { useSettings } from './store.ts';

type Found = Awaited<ReturnType<typeof api.backups.rescan>>;

/** Brings backup folders into the list: after the catalog was lost, or from another machine. */
export function Rescan() {
  const settings = useSettings((state) => state.settings);
  const [typed, setTyped] = useState<string | null>(null);
  const directory = typed ?? (settings.status === 'ready' ? settings.value.backupDirectory : '');
  const [found, setFound] = useState<Found | null>(null);
  const { doing, run } = useAction();
  return (
    <Section title="Rescan a folder">
      <Stack gap="sm">
        <span className="dim">
          Every backup folder carries its own manifest. What the list lacks is added; nothing is deleted or changed.
        </span>
        <Group align="flex-end" gap="xs" wrap="nowrap">
          <div style={{ flex: 1 }}>
            <DirectoryInput label="Folder to rescan" value={directory} onChange={setTyped} />
          </div>
          <Button
            variant="default"
            disabled={directory === ''}
            loading={doing.status === 'busy'}
            onClick={() =>
              run(async () => {
                setFound(null);
                setFound(await api.backups.rescan({ directory }));
                catalogChanged();
              })
            }
          >
            Rescan
          </Button>
        </Group>
        {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
        {found !== null && (
          <Notice
            tone={found.problems.length > 0 ? 'warn' : 'ok'}
            role="status"
            title={`${plural(found.found, 'backup')} found: ${found.added} added, ${found.unchanged} already known`}
          >
            {found.problems.length > 0 && (
              <ul className={styles['problems']} aria-label="Folders with problems">
                {found.problems.map((problem) => (
                  <li key={problem.directory}>
                    <div className="mono wrap">{problem.directory}</div>
                    <div>
                      {problem.error.message} {problem.error.hint}
                    </div>
                  </li>
                ))}
              </ul>
            )}
          </Notice>
        )}
      </Stack>
    </Section>
  );
}
