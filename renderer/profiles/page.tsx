// Profiles: the list on the left, one of them (or a new one) on the right.
import { Button } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useEffect } from 'react';
import type { Profile } from '../../shared/contract/profiles.ts';
import { go, useNavigation } from '../navigation.ts';
import { plural } from '../ui/format.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { Empty, PageFrame, Scroll } from '../ui/PageFrame.tsx';
import { ProfileEditor } from './ProfileEditor.tsx';
import panes from '../ui/panes.module.css';
import { EnvironmentTag } from './ProfileTag.tsx';
import { useProfiles } from './store.ts';
import ui from '../ui/ui.module.css';

export function ProfilesPage() {
  const { profiles, load } = useProfiles();
  const { id } = useNavigation();
  useEffect(() => {
    void load();
  }, [load]);
  return (
    <PageFrame
      title="Profiles"
      subtitle={profiles.status === 'ready' ? plural(profiles.value.length, 'connection') : ''}
      actions={
        <Button leftSection={<IconPlus size={15} />} onClick={() => go('profiles', 'new')}>
          Add a connection
        </Button>
      }
    >
      {profiles.status === 'ready' ? (
        <Panes profiles={profiles.value} id={id} />
      ) : (
        <Scroll>
          <Loaded of={profiles} what="profiles" retry={() => void load()}>
            {() => null}
          </Loaded>
        </Scroll>
      )}
    </PageFrame>
  );
}

function Panes({ profiles, id }: { profiles: Profile[]; id: string | null }) {
  if (profiles.length === 0 && id !== 'new') {
    return (
      <Empty
        icon={<IconPlugConnected size={36} aria-hidden />}
        title="No connections yet"
        actions={<Button onClick={() => go('profiles', 'new')}>Add the first connection</Button>}
      >
        <p>
          A profile says where a server is and who you are there. Its password goes into a secret store, never into logs, backups or the
          list.
        </p>
      </Empty>
    );
  }
  const opened = profiles.find((profile) => profile.id === id) ?? (id === 'new' ? undefined : profiles[0]);
  return (
    <div className={panes['panes']}>
      <nav className={panes['list']} aria-label="Connection profiles">
        {profiles.map((profile) => (
          <button
            key={profile.id}
            type="button"
            className={panes['item']}
            aria-current={opened?.id === profile.id ? 'true' : undefined}
            onClick={() => {
              // The first one is open without being named in the address.
              if (opened?.id !== profile.id) go('profiles', profile.id);
            }}
          >
            <span className={ui['dot']} style={{ background: profile.colour }} />
            <span className={panes['itemText']}>
              <span className="cut" title={profile.name}>
                {profile.name}
              </span>
              <span className="dim cut mono" title={addressOf(profile)}>
                {addressOf(profile)}
              </span>
            </span>
            <EnvironmentTag environment={profile.environment} />
          </button>
        ))}
      </nav>
      <ProfileEditor key={opened?.id ?? 'new'} profile={opened ?? null} />
    </div>
  );
}

function addressOf(profile: Profile): string {
  const host = profile.host === '' ? (profile.service === '' ? 'local' : `service ${profile.service}`) : profile.host;
  const port = profile.port === null ? '' : `:${profile.port}`;
  return `${host}${port}${profile.database === '' ? '' : `/${profile.database}`}`;
}
