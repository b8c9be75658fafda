// What was restored, when, into what; with the ways back still open.
import { Button, Drawer, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconHistory, IconSearch, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { Restore } from '../../shared/contract/restores.ts';
import { api } from '../api.ts';
import { catalogChanged, useApp } from '../app/store.ts';
import { backupStatusNames } from '../backups/options.ts';
import { FollowedState } from '../jobs/FollowedState.tsx';
import { go } from '../navigation.ts';
import { strategyWords } from '../previews/choice.ts';
import { ProfileTag } from '../profiles/ProfileTag.tsx';
import { useProfileList } from '../profiles/store.ts';
import { DayRange, type Range } from '../ui/DayRange.tsx';
import { ago, count, dateTime, duration } from '../ui/format.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { Empty, Scroll } from '../ui/PageFrame.tsx';
import { StatusTag, Tag } from '../ui/Tag.tsx';
import { modeWords } from './request.ts';
import { RestoreOutcome } from './RestoreOutcome.tsx';
import styles from './restores.module.css';

export function History({ openId }: { openId: string | null }) {
  const catalog = useApp((state) => state.catalog);
  const profiles = useProfileList();
  const [search, setSearch] = useState('');
  const [words] = useDebouncedValue(search, 60);
  const [profile, setProfile] = useState<string | null>(null);
  const [status, setStatus] = useState<string | null>(null);
  const [days, setDays] = useState<Range>({});
  const [limit, setLimit] = useState(200);
  const filter = {
    limit,
    ...(words === '' ? {} : { search: words }),
    ...(profile === null ? {} : { profile }),
    ...(status === null ? {} : { status: backupStatusNames.find((name) => name === status) }),
    ...(days.from === undefined ? {} : { from: days.from }),
    ...(days.to === undefined ? {} : { to: days.to }),
  };
  const [found, again] = useLoad(JSON.stringify(filter), () => api.restores.list(filter), catalog);
  const filtered = search !== '' || profile !== null || status !== null || days.from !== undefined || days.to !== undefined;
  const clear = () => {
    setSearch('');
    setProfile(null);
    setStatus(null);
    setDays({});
  };
  return (
    <>
      <Group gap="xs" px={20} py={10} role="search" aria-label="Filter restores">
        <TextInput
          aria-label="Search restores"
          placeholder="Search database, source, profile"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <Select
          aria-label="Profile"
          placeholder="All profiles"
          data={[...new Set(profiles.map((one) => one.name))]}
          value={profile}
          onChange={setProfile}
          clearable
          w={180}
        />
        <Select
          aria-label="Status"
          placeholder="Any status"
          data={backupStatusNames}
          value={status}
          onChange={setStatus}
          clearable
          w={140}
        />
        <DayRange {...days} onChange={(change) => setDays({ ...days, ...change })} />
        {filtered && (
          <Button variant="subtle" leftSection={<IconX size={14} />} onClick={clear}>
            Clear filters
          </Button>
        )}
      </Group>
      <Scroll>
        <Loaded of={found} what="restores" retry={again}>
          {({ restores, total }) =>
            total === 0 ? (
              <Empty icon={<IconHistory size={32} aria-hidden />} title={filtered ? 'Nothing matches' : 'Nothing was restored yet'}>
                {!filtered && (
                  <p>
                    Every restore is kept here with its result. Where an old database was kept aside, this is where you go back to it or
                    discard it.
                  </p>
                )}
              </Empty>
            ) : (
              <>
                <Rows restores={restores} />
                {total > restores.length && (
                  <Button variant="default" mt="sm" onClick={() => setLimit(Math.min(1000, limit + 200))} disabled={limit >= 1000}>
                    Show more ({count(restores.length)} of {count(total)})
                  </Button>
                )}
              </>
            )
          }
        </Loaded>
      </Scroll>
      <Drawer
        opened={openId !== null}
        onClose={() => go('restore', 'history')}
        title="Restore"
        size={680}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {openId !== null && <One id={openId} />}
      </Drawer>
    </>
  );
}

function One({ id }: { id: string }) {
  const catalog = useApp((state) => state.catalog);
  const [restore, again] = useLoad(id, () => api.restores.get({ id }), catalog);
  return (
    <Loaded of={restore} what="the restore" retry={again}>
      {(value) => (
        <>
          {value.status === 'running' && value.jobId !== null && <FollowedState jobId={value.jobId} onEnded={catalogChanged} />}
          <RestoreOutcome restore={value} />
          {value.jobId !== null && (
            <Button variant="default" mt="md" onClick={() => go('activity', value.jobId)}>
              Details and log
            </Button>
          )}
        </>
      )}
    </Loaded>
  );
}

function Rows({ restores }: { restores: readonly Restore[] }) {
  return (
    <table className={styles['history']} aria-label="Restores">
      <thead>
        <tr>
          <th scope="col">Started</th>
          <th scope="col">Database</th>
          <th scope="col">Profile</th>
          <th scope="col">Source</th>
          <th scope="col">How</th>
          <th scope="col">Status</th>
          <th scope="col">Took</th>
        </tr>
      </thead>
      <tbody>
        {restores.map((restore) => (
          <tr key={restore.id} onClick={() => go('restore', restore.id)}>
            <td className="numbers" title={`${dateTime(restore.startedAt, true)}, ${ago(restore.startedAt)}`}>
              <button
                type="button"
                className={styles['link']}
                aria-label={`Restore into ${restore.database}, ${dateTime(restore.startedAt)}`}
                onClick={(event) => {
                  event.stopPropagation();
                  go('restore', restore.id);
                }}
              >
                {dateTime(restore.startedAt)}
              </button>
            </td>
            <td className="mono cut" title={restore.database}>
              {restore.database}
            </td>
            <td>
              <ProfileTag id={restore.profileId} name={restore.profile} plain />
            </td>
            <td className="cut" title={restore.source}>
              {restore.source}
            </td>
            <td className="cut" title={`${howInWords(restore)}. ${modeWords[restore.mode].means}`}>
              {howInWords(restore)}
            </td>
            <td>
              <span className={styles['status']}>
                <StatusTag status={restore.status} />
                {restore.dryRun && <Tag tone="neutral">dry run</Tag>}
                {restore.undo === 'possible' && <Tag tone="info">undo possible</Tag>}
                {restore.undo === 'done' && <Tag tone="neutral">undone</Tag>}
              </span>
            </td>
            <td className="numbers">{restore.status === 'running' ? '–' : duration(restore.durationMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** `Merge: +12 ~3`; what was not changed is left out. */
function howInWords(restore: Restore): string {
  const how = restore.strategy === null ? modeWords[restore.mode].name : strategyWords[restore.strategy].name;
  if (restore.status !== 'succeeded' || restore.rows === null) return how;
  const { created, updated, deleted } = restore.rows;
  const changes = [created > 0 && `+${count(created)}`, updated > 0 && `~${count(updated)}`, deleted > 0 && `−${count(deleted)}`];
  return `${how}: ${changes.filter((part) => part !== false).join(' ') || 'nothing changed'}`;
}
