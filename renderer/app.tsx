// The shell: rail, page, and what may appear over any page.
import { useMantineColorScheme } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { useEffect } from 'react';
import { assertNever } from '../shared/errors.ts';
import { announce } from './app/announce.tsx';
import styles from './app/app.module.css';
import { CommandPalette } from './app/CommandPalette.tsx';
import { DropOverlay } from './app/DropOverlay.tsx';
import { FaultBoundary } from './app/FaultBoundary.tsx';
import { NavigationRail } from './app/NavigationRail.tsx';
import { QuitDialog } from './app/QuitDialog.tsx';
import { useShortcuts } from './app/shortcuts.ts';
import { catalogChanged, followApp, loadInfo } from './app/store.ts';
import { UnsavedDialog } from './app/UnsavedDialog.tsx';
import { BackUpDialog } from './backups/BackUpDialog.tsx';
import { BackupsPage } from './backups/page.tsx';
import { ActivityPage } from './jobs/page.tsx';
import { followJobs } from './jobs/store.ts';
import { pageTitles, useNavigation, type Page } from './navigation.ts';
import { ProfilesPage } from './profiles/page.tsx';
import { useProfiles } from './profiles/store.ts';
import { RestorePage } from './restores/page.tsx';
import { MessagesPage } from './messages/page.tsx';
import { RetentionPage } from './retention/page.tsx';
import { AlarmLine } from './schedules/AlarmLine.tsx';
import { ScheduleEditor } from './schedules/editor/ScheduleEditor.tsx';
import { SchedulesPage } from './schedules/page.tsx';
import { useFollowScheduler } from './schedules/status.ts';
import { SettingsPage } from './settings/page.tsx';
import { useSettings } from './settings/store.ts';

export function App() {
  const page = useNavigation((state) => state.page);
  const settings = useSettings((state) => state.settings);
  const { setColorScheme } = useMantineColorScheme();
  useShortcuts();
  useFollowScheduler();

  useEffect(() => {
    const controller = new AbortController();
    void loadInfo();
    void useSettings.getState().load();
    void useProfiles.getState().load();
    void followApp(controller.signal);
    void followJobs(controller.signal, (job) => {
      catalogChanged();
      announce(job);
    });
    return () => controller.abort();
  }, []);

  const scheme = settings.status === 'ready' ? settings.value.colourScheme : null;
  useEffect(() => {
    if (scheme !== null) setColorScheme(scheme);
  }, [scheme, setColorScheme]);

  useEffect(() => {
    document.title = `${pageTitles[page]} – Howdah`;
  }, [page]);

  return (
    <>
      <a
        href="#main"
        className={styles['skip']}
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to the page
      </a>
      <div className={styles['shell']}>
        <NavigationRail />
        <main id="main" tabIndex={-1} className={styles['main']}>
          <AlarmLine />
          <div className={styles['place']}>
            <FaultBoundary key={page}>
              <CurrentPage page={page} />
            </FaultBoundary>
          </div>
        </main>
      </div>
      <BackUpDialog />
      <ScheduleEditor />
      <QuitDialog />
      <UnsavedDialog />
      <CommandPalette />
      <DropOverlay />
      <Notifications position="bottom-right" />
    </>
  );
}

function CurrentPage({ page }: { page: Page }) {
  switch (page) {
    case 'backups':
      return <BackupsPage />;
    case 'restore':
      return <RestorePage />;
    case 'schedules':
      return <SchedulesPage />;
    case 'retention':
      return <RetentionPage />;
    case 'messages':
      return <MessagesPage />;
    case 'profiles':
      return <ProfilesPage />;
    case 'activity':
      return <ActivityPage />;
    case 'settings':
      return <SettingsPage />;
    default:
      return assertNever(page);
  }
}
