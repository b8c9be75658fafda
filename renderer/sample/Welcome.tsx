// The first minute: nothing is set up yet, so there are two ways on.
import { Button, Group, Stack } from '@mantine/core';
import { IconDatabase, IconPlugConnected } from '@tabler/icons-react';
import { useCallback, useState, type ReactNode } from 'react';
import { api } from '../api.ts';
import { catalogChanged } from '../app/store.ts';
import { FollowedState } from '../jobs/FollowedState.tsx';
import { go } from '../navigation.ts';
import { useAction, useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { ErrorNotice, Notice } from '../ui/Notice.tsx';
import { PageFrame, Scroll } from '../ui/PageFrame.tsx';
import styles from './sample.module.css';

export function Welcome() {
  return (
    <PageFrame title="Welcome to Howdah">
      <Scroll>
        <div className={styles['welcome']}>
          <p className={styles['lead']}>
            PostgreSQL backups that can be trusted: each one is read back and hashed before it is called good, and a restore never
            surprises, because it shows its plan and keeps a way back.
          </p>
          <div className={styles['cards']}>
            <TrySample />
            <Card
              icon={<IconPlugConnected size={28} aria-hidden />}
              title="Connect to your server"
              text="Any PostgreSQL you can reach. Paste a connection URL or fill in host, user and database; the password goes into a secret store and never comes back to the page."
            >
              <Button variant="default" onClick={() => go('profiles', 'new')}>
                Add a connection
              </Button>
            </Card>
          </div>
          <p className="dim">
            Have backups of Howdah already? Bring them in with “Rescan a folder” in{' '}
            <button type="button" className={styles['link']} onClick={() => go('settings')}>
              Settings
            </button>
            . Have a dump file? Drop it anywhere on this window to see what is in it.
          </p>
        </div>
      </Scroll>
    </PageFrame>
  );
}

function TrySample() {
  const [state, again] = useLoad('sample', () => api.sample.state());
  const [jobId, setJobId] = useState<string | null>(null);
  const { doing, run } = useAction();
  const onEnded = useCallback(() => catalogChanged(), []);
  return (
    <Card
      icon={<IconDatabase size={28} aria-hidden />}
      title="Try it with a sample database"
      text="A throw-away PostgreSQL on this machine with a small shop in it: back it up, break it, restore it. It is removed whenever you like."
    >
      <Loaded of={state} what="the sample" retry={again}>
        {(value) =>
          value.status === 'unavailable' ? (
            <Notice tone="warn" title={value.reason}>
              {value.hint}
            </Notice>
          ) : jobId !== null ? (
            <FollowedState jobId={jobId} onEnded={onEnded} />
          ) : (
            <Stack gap="xs">
              <Group>
                <Button loading={doing.status === 'busy'} onClick={() => run(async () => setJobId((await api.sample.start()).jobId))}>
                  Try with a sample database
                </Button>
              </Group>
              {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
            </Stack>
          )
        }
      </Loaded>
    </Card>
  );
}

function Card({ icon, title, text, children }: { icon: ReactNode; title: string; text: string; children: ReactNode }) {
  return (
    <section className={styles['card']} aria-label={title}>
      {icon}
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </section>
  );
}
