// Backups: the verdict, the history, one backup's detail.
import { Button, Kbd } from '@mantine/core';
import { IconDatabaseExport, IconSearch } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useApp } from '../app/store.ts';
import { go, useNavigation } from '../navigation.ts';
import { useProfiles } from '../profiles/store.ts';
import { Welcome } from '../sample/Welcome.tsx';
import { count } from '../ui/format.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { Empty, PageFrame, Scroll } from '../ui/PageFrame.tsx';
import { BackupDrawer } from './BackupDrawer.tsx';
import { BackupTable } from './BackupTable.tsx';
import { Filters } from './Filters.tsx';
import { useBackups } from './store.ts';
import { Verdict } from './Verdict.tsx';

export function BackupsPage() {
  const { list, refresh, clearFilter, openDialog } = useBackups();
  const profiles = useProfiles((state) => state.profiles);
  const catalog = useApp((state) => state.catalog);
  const { id } = useNavigation();
  useEffect(() => {
    void refresh();
  }, [refresh, catalog]);

  const nothing = list.status === 'ready' && list.total === 0 && !list.filtered;
  if (nothing && profiles.status === 'ready' && profiles.value.length === 0) return <Welcome />;
  return (
    <PageFrame
      title="Backups"
      subtitle={list.status === 'ready' ? `${count(list.total)} ${list.filtered ? 'found' : 'in all'}` : ''}
      actions={
        <Button leftSection={<IconDatabaseExport size={15} />} onClick={() => openDialog()} aria-keyshortcuts="Control+B">
          Back up now
        </Button>
      }
    >
      <Verdict />
      {!nothing && <Filters />}
      {list.status !== 'ready' ? (
        <Scroll>
          <Loaded of={list} what="backups" retry={() => void refresh()}>
            {() => null}
          </Loaded>
        </Scroll>
      ) : nothing ? (
        <Empty
          icon={<IconDatabaseExport size={36} aria-hidden />}
          title="No backups yet"
          actions={<Button onClick={() => openDialog()}>Make the first backup</Button>}
        >
          <p>
            Each backup is read back and hashed before it is called good, and lies in a folder of open formats that{' '}
            <span className="mono">pg_restore</span> can read without Howdah.
          </p>
          <p>
            Press <Kbd>Ctrl</Kbd> + <Kbd>B</Kbd> anywhere. Backups from elsewhere come in with “Rescan a folder” in Settings.
          </p>
        </Empty>
      ) : list.total === 0 ? (
        <Empty
          icon={<IconSearch size={32} aria-hidden />}
          title="Nothing matches"
          actions={
            <Button variant="default" onClick={() => void clearFilter()}>
              Clear filters
            </Button>
          }
        />
      ) : (
        <BackupTable list={list} openId={id} />
      )}
      <BackupDrawer id={id} onClose={() => go('backups')} />
    </PageFrame>
  );
}
