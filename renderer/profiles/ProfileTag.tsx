// A profile's name wherever it is mentioned: its colour, and in red where it is production.
import { VisuallyHidden } from '@mantine/core';
import type { Profile } from '../../shared/contract/profiles.ts';
import { Tag } from '../ui/Tag.tsx';
import styles from '../ui/ui.module.css';
import { findProfile, useProfileList } from './store.ts';

export function EnvironmentTag({ environment }: { environment: Profile['environment'] }) {
  if (environment === 'other') return null;
  return <Tag tone={environment === 'production' ? 'production' : 'neutral'}>{environment}</Tag>;
}

/** `plain`: for tables; the environment is left out, except that a production name is itself the red label. */
export function ProfileTag({ id, name, plain = false }: { id: string | null; name: string; plain?: boolean }) {
  const profile = findProfile(useProfileList(), id, name);
  const production = profile?.environment === 'production';
  return (
    <span className={styles['profile']}>
      <span className={styles['dot']} style={{ background: profile?.colour ?? 'var(--h-neutral)' }} />
      {plain && production ? (
        <Tag tone="production" title={`${name} (production)`}>
          <span className="cut">{name}</span>
          <VisuallyHidden> (production)</VisuallyHidden>
        </Tag>
      ) : (
        <>
          <span className="cut" title={name}>
            {name}
          </span>
          {profile !== undefined && !plain && <EnvironmentTag environment={profile.environment} />}
        </>
      )}
    </span>
  );
}

/** The word for a profile inside an option list, where no colours can be shown. */
export function profileLabel(profile: Profile): string {
  return profile.environment === 'other' ? profile.name : `${profile.name} (${profile.environment})`;
}
