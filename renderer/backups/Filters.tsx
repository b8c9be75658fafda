import { Button, Menu, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconDownload, IconSearch, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { backupStatusNames } from './options.ts';
import { api } from '../api.ts';
import { useProfileList } from '../profiles/store.ts';
import { DayRange } from '../ui/DayRange.tsx';
import { download } from '../ui/download.ts';
import { useAction } from '../ui/loadable.ts';
import { ErrorNotice } from '../ui/Notice.tsx';
import styles from './backups.module.css';
import { isFiltered, useBackups } from './store.ts';

export function Filters() {
  const { filter, list, setFilter, clearFilter } = useBackups();
  const profiles = useProfileList();
  const [search, setSearch] = useState(filter.search ?? '');
  const [label, setLabel] = useState(filter.label ?? '');
  const soon = useDebouncedCallback((patch: { search?: string; label?: string }) => void setFilter(patch), 40);
  const { doing, run } = useAction();
  const names = [...new Set([...profiles.map((profile) => profile.name), ...(list.status === 'ready' ? list.profiles : [])])];

  const exportAs = (as: 'csv' | 'log') =>
    run(async () => {
      const { fileName, text } = await api.backups.export({ as, filter });
      download(fileName, text, as === 'csv' ? 'text/csv' : 'application/json');
    });

  return (
    <>
      <div className={styles['filters']} role="search" aria-label="Filter backups">
        <TextInput
          aria-label="Search backups"
          placeholder="Search profile, database, label, id"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            soon({ search: event.currentTarget.value });
          }}
          className={styles['grow'] ?? ''}
        />
        <Select
          aria-label="Profile"
          placeholder="All profiles"
          data={names}
          value={filter.profile ?? null}
          onChange={(profile) => void setFilter({ profile: profile ?? undefined })}
          clearable
          w={150}
        />
        <Select
          aria-label="Status"
          placeholder="Any status"
          data={backupStatusNames}
          value={filter.status ?? null}
          onChange={(status) => void setFilter({ status: backupStatusNames.find((name) => name === status) })}
          clearable
          w={126}
        />
        <TextInput
          aria-label="Label"
          placeholder="Label"
          value={label}
          onChange={(event) => {
            setLabel(event.currentTarget.value);
            soon({ label: event.currentTarget.value });
          }}
          w={110}
        />
        <DayRange from={filter.from} to={filter.to} onChange={(change) => void setFilter(change)} />
        {isFiltered(filter) && (
          <Button
            variant="subtle"
            leftSection={<IconX size={14} />}
            onClick={() => {
              setSearch('');
              setLabel('');
              void clearFilter();
            }}
          >
            Clear filters
          </Button>
        )}
        <Menu>
          <Menu.Target>
            <Button variant="default" leftSection={<IconDownload size={14} />} loading={doing.status === 'busy'}>
              Export
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => exportAs('csv')}>CSV, as filtered</Menu.Item>
            <Menu.Item onClick={() => exportAs('log')}>backup_log.json, as filtered</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
    </>
  );
}
