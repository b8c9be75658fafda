// Ctrl+K: every page and the main actions by name.
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import {
  IconArrowBackUp,
  IconArrowRight,
  IconBell,
  IconCalendarPlus,
  IconDatabaseExport,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlus,
  IconSearch,
} from '@tabler/icons-react';
import { useBackups } from '../backups/store.ts';
import { go, pages, pageTitles } from '../navigation.ts';
import { profileLabel } from '../profiles/ProfileTag.tsx';
import { useProfileList } from '../profiles/store.ts';
import { actOn } from './act-on.ts';
import { openScheduleEditor } from '../schedules/editor/store.ts';
import { pauseChoices, pauseUntil, useScheduler } from '../schedules/status.ts';

export function CommandPalette() {
  const openDialog = useBackups((state) => state.openDialog);
  const profiles = useProfileList();
  const paused = useScheduler((state) => state.status.status === 'ready' && state.status.value.pausedUntil !== null);
  const actions: SpotlightActionGroupData[] = [
    {
      group: 'Do',
      actions: [
        {
          id: 'back-up',
          label: 'Back up now',
          description: 'Ctrl+B',
          onClick: () => openDialog(),
          leftSection: <IconDatabaseExport size={18} aria-hidden />,
        },
        {
          id: 'restore',
          label: 'Restore a dump or backup',
          onClick: () => go('restore'),
          leftSection: <IconArrowBackUp size={18} aria-hidden />,
        },
        { id: 'add', label: 'Add a connection', onClick: () => go('profiles', 'new'), leftSection: <IconPlus size={18} aria-hidden /> },
        {
          id: 'schedule',
          label: 'Back up on a schedule',
          onClick: () => openScheduleEditor({ draft: {} }),
          leftSection: <IconCalendarPlus size={18} aria-hidden />,
        },
        {
          id: 'channel',
          label: 'Add a channel for messages',
          onClick: () => go('messages', 'new'),
          leftSection: <IconBell size={18} aria-hidden />,
        },
        ...(paused
          ? [
              {
                id: 'resume',
                label: 'Resume all schedules',
                onClick: () => actOn('Schedules could not be resumed', () => pauseUntil(null)),
                leftSection: <IconPlayerPlay size={18} aria-hidden />,
              },
            ]
          : pauseChoices.map((choice) => ({
              id: `pause ${choice.label}`,
              label: `Pause all schedules ${choice.label.toLowerCase()}`,
              onClick: () => actOn('Schedules could not be paused', () => pauseUntil(choice.until(new Date()))),
              leftSection: <IconPlayerPause size={18} aria-hidden />,
            }))),
        ...profiles.map((profile) => ({
          id: `back-up ${profile.id}`,
          label: `Back up ${profileLabel(profile)}`,
          onClick: () => openDialog(profile.id),
          leftSection: <IconDatabaseExport size={18} aria-hidden />,
        })),
      ],
    },
    {
      group: 'Go to',
      actions: [
        ...pages.map((page, index) => ({
          id: page,
          label: pageTitles[page],
          description: `Ctrl+${index + 1}`,
          onClick: () => go(page),
          leftSection: <IconArrowRight size={18} aria-hidden />,
        })),
        {
          id: 'deletions',
          label: 'Record of deletions',
          onClick: () => go('retention', 'deletions'),
          leftSection: <IconArrowRight size={18} aria-hidden />,
        },
        {
          id: 'sent',
          label: 'Record of messages',
          onClick: () => go('messages', 'sent'),
          leftSection: <IconArrowRight size={18} aria-hidden />,
        },
        {
          id: 'history',
          label: 'History of restores',
          onClick: () => go('restore', 'history'),
          leftSection: <IconArrowRight size={18} aria-hidden />,
        },
      ],
    },
  ];
  return (
    <Spotlight
      actions={actions}
      shortcut="mod + K"
      tagsToIgnore={[]}
      nothingFound="Nothing found"
      highlightQuery
      scrollable
      maxHeight={420}
      overlayProps={{ backgroundOpacity: 0.3, blur: 0 }}
      attributes={{ content: { 'aria-label': 'Command palette' } }}
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: 'Find a page or an action',
        'aria-label': 'Find a page or an action',
      }}
    />
  );
}
