import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { Profile } from '../../shared/contract/profiles.ts';
import { api } from '../api.ts';
import { useApp } from '../app/store.ts';
import { go } from '../navigation.ts';
import { useProfileList } from '../profiles/store.ts';
import { plural } from '../ui/format.ts';
import { useLoad } from '../ui/loadable.ts';
import styles from './backups.module.css';
import { isGood, standingsOf, type Standing } from './verdict.ts';

const icons = { ok: IconCircleCheck, warn: IconAlertTriangle, bad: IconCircleX, info: IconAlertTriangle, neutral: IconAlertTriangle };

/** One line over the list: the worst news there is, or that all is well. */
export function Verdict() {
  const profiles = useProfileList();
  const catalog = useApp((state) => state.catalog);
  const [standings] = useLoad(profiles.map((profile) => `${profile.id} ${profile.name}`).join('\n'), () => look(profiles), catalog);
  if (standings.status !== 'ready') return <div className={styles['verdict']} aria-hidden />;
  const worst = standings.value[0];
  if (worst === undefined) return null;
  const Icon = icons[worst.tone];
  const others = standings.value.slice(1);
  const othersWell = others.filter((other) => other.tone === 'ok').length;
  const othersIll = others.length - othersWell;
  return (
    <div className={`${styles['verdict']} ${styles[worst.tone]}`} role="status" aria-label="Verdict">
      <Icon size={20} aria-hidden style={{ flex: 'none' }} />
      <strong className="cut" title={worst.sentence}>
        {worst.sentence}
      </strong>
      {worst.backupId !== null && (
        <button type="button" className={styles['verdictLink']} onClick={() => go('backups', worst.backupId)}>
          Show it
        </button>
      )}
      {others.length > 0 && (
        <span className={styles['verdictRest']} title={others.map((other) => `${other.profile}: ${other.sentence}`).join('\n')}>
          {othersIll > 0 && `${plural(othersIll, 'more database')} ${othersIll === 1 ? 'needs' : 'need'} attention. `}
          {othersWell > 0 && `${plural(othersWell, 'other database')} ${othersWell === 1 ? 'is' : 'are'} well.`}
        </span>
      )}
    </div>
  );
}

async function look(profiles: readonly Profile[]): Promise<Standing[]> {
  const found = await Promise.all(
    profiles.map(async (profile) => {
      const { backups } = await api.backups.list({ profile: profile.name, limit: 50 });
      if (backups.length === 0) {
        const what = profile.database === '' ? profile.name : profile.database;
        return [
          {
            profile: profile.name,
            database: what,
            tone: 'warn' as const,
            rank: 2,
            backupId: null,
            sentence: `No backup of ${what} on ${profile.name} yet.`,
          },
        ];
      }
      // Fifty failures in a row must not hide the last good one.
      const good = backups.some(isGood) ? [] : (await api.backups.list({ profile: profile.name, status: 'succeeded', limit: 1 })).backups;
      return standingsOf(profile.name, [...backups, ...good]);
    }),
  );
  return found.flat().toSorted((a, b) => a.rank - b.rank);
}
