// One line over the list: the worst news there is, or that all is well; every database's standing behind it.
import { Popover } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { Profile } from '../../shared/contract/profiles.ts';
import { api } from '../api.ts';
import { useApp } from '../app/store.ts';
import { go } from '../navigation.ts';
import { ProfileTag } from '../profiles/ProfileTag.tsx';
import { useProfileList } from '../profiles/store.ts';
import { useLoad } from '../ui/loadable.ts';
import { ScrollRegion } from '../ui/ScrollRegion.tsx';
import styles from './backups.module.css';
import { isGood, standingsOf, type Standing } from './verdict.ts';

const icons = { ok: IconCircleCheck, warn: IconAlertTriangle, bad: IconCircleX, info: IconAlertTriangle, neutral: IconAlertTriangle };

export function Verdict() {
  const profiles = useProfileList();
  const catalog = useApp((state) => state.catalog);
  const [standings] = useLoad(profiles.map((profile) => `${profile.id} ${profile.name}`).join('\n'), () => look(profiles), catalog);
  if (standings.status === 'failed') return null;
  if (standings.status === 'loading') return <div className={styles['verdict']} aria-hidden />;
  const worst = standings.value[0];
  if (worst === undefined) return null;
  const Icon = icons[worst.tone];
  return (
    <div className={`${styles['verdict']} ${styles[worst.tone]}`} role="status" aria-label="Verdict">
      <Icon size={20} aria-hidden style={{ flex: 'none' }} />
      <strong className={styles['sentence']} title={worst.sentence}>
        {worst.sentence}
      </strong>
      {worst.backupId !== null && (
        <button type="button" className={styles['verdictLink']} onClick={() => go('backups', worst.backupId)}>
          Show it
        </button>
      )}
      {standings.value.length > 1 && <Others standings={standings.value} />}
    </div>
  );
}

function Others({ standings }: { standings: Standing[] }) {
  const ill = standings.filter((one) => one.tone !== 'ok').length;
  const words = ill === 0 ? `All ${standings.length} databases are well` : `${ill} of ${standings.length} databases need attention`;
  return (
    <Popover position="bottom-end" shadow="md" width={560} withinPortal trapFocus>
      <Popover.Target>
        <button type="button" className={`${styles['verdictLink']} ${styles['verdictRest']}`}>
          {words}
        </button>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="Every database">
        <ScrollRegion label="Every database" className={styles['standings']}>
          {standings.map((one) => {
            const Icon = icons[one.tone];
            return (
              <div key={`${one.profile} ${one.database}`} className={`${styles['standing']} ${styles[one.tone]}`}>
                <Icon size={17} aria-hidden className={styles['standingIcon']} />
                <div style={{ minWidth: 0 }}>
                  <div className="wrap">{one.sentence}</div>
                  <ProfileTag id={null} name={one.profile} plain />
                </div>
                {one.backupId !== null && (
                  <button type="button" className={styles['verdictLink']} onClick={() => go('backups', one.backupId)}>
                    Show
                  </button>
                )}
              </div>
            );
          })}
        </ScrollRegion>
      </Popover.Dropdown>
    </Popover>
  );
}

async function look(profiles: readonly Profile[]): Promise<Standing[]> {
  const found = await Promise.all(profiles.map(lookAt));
  return found.flat().toSorted((a, b) => a.rank - b.rank);
}

async function lookAt(profile: Profile): Promise<Standing[]> {
  const { backups } = await api.backups.list({ profile: profile.name, limit: 25, brief: true });
  if (backups.length === 0) {
    const database = profile.database === '' ? profile.name : profile.database;
    return [
      {
        profile: profile.name,
        database,
        tone: 'warn',
        rank: 2,
        backupId: null,
        sentence: `No backup of ${database} on ${profile.name} yet.`,
      },
    ];
  }
  // Many failures in a row must not hide the last good one.
  const good = backups.some(isGood)
    ? []
    : (await api.backups.list({ profile: profile.name, status: 'succeeded', limit: 1, brief: true })).backups;
  return standingsOf(profile.name, [...backups, ...good]);
}
