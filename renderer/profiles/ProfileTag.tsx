// A profile's name wherever it is mentioned: its colour, and in red where it is production.
import type { Profile } from '../../shared/contract/profiles.ts';
import { Tag } from '../ui/Tag.tsx';
import styles from '../ui/ui.module.css';
import { findProfile, useProfileList } from './store.ts';

export function EnvironmentTag({ environment }: { environment: Profile['environment'] }) {
  if (environment === 'other') return null;
  return <Tag tone={environment === 'production' ? 'production' : 'neutral'}>{environment}</Tag>;
}

export function ProfileTag({
  id,
  name,
  plain = false,
}: {
  id: string | null;
  name: string;
  /** Without the environment, except production. */ plain?: boolean;
}) {
  const profile = findProfile(useProfileList(), id, name);
  return (
    <span className={styles['profile']}>
      <span className={styles['dot']} style={{ background: profile?.colour ?? 'var(--h-neutral)' }} />
      <span className="cut" title={name}>
        {name}
      </span>
      {profile !== undefined && (!plain || profile.environment === 'production') && <EnvironmentTag environment={profile.environment} />}
    </span>
  );
}

/** The word for a profile inside an option list, where no colours can be shown. */
export function profileLabel(profile: Profile): string {
  return profile.environment === 'other' ? profile.name : `${profile.name} (${profile.environment})`;
}
