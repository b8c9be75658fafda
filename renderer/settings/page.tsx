// Settings take effect as they are changed.
import { NumberInput, SegmentedControl, SimpleGrid, Stack, Switch } from '@mantine/core';
import { useState } from 'react';
import type { Settings } from '../../shared/contract/settings.ts';
import { isDesktop } from '../host.ts';
import { DirectoryInput } from '../profiles/ToolFields.tsx';
import { useAction } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { ErrorNotice } from '../ui/Notice.tsx';
import { PageFrame, Scroll, Section } from '../ui/PageFrame.tsx';
import { About } from './About.tsx';
import { ClientList } from './ClientList.tsx';
import { Rescan } from './Rescan.tsx';
import { SampleDatabase } from './SampleDatabase.tsx';
import { useSettings } from './store.ts';

export function SettingsPage() {
  const { settings, load } = useSettings();
  return (
    <PageFrame title="Settings" subtitle="Changes take effect at once">
      <Scroll>
        <Stack gap="md" maw={860}>
          <Loaded of={settings} what="settings" retry={() => void load()}>
            {(value) => <Choices settings={value} />}
          </Loaded>
          <Rescan />
          <ClientList />
          <SampleDatabase />
          <About />
        </Stack>
      </Scroll>
    </PageFrame>
  );
}

function Choices({ settings }: { settings: Settings }) {
  const change = useSettings((state) => state.change);
  const { doing, run } = useAction();
  const [saved, setSaved] = useState(false);
  const save = (patch: Partial<Settings>) => {
    setSaved(false);
    run(async () => {
      await change(patch);
      setSaved(true);
    });
  };
  return (
    <>
      <Section
        title="Backups"
        actions={
          <span className="dim" role="status">
            {saved && doing.status === 'idle' ? 'Saved' : ''}
          </span>
        }
      >
        <Stack gap="sm">
          {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
          <BackupFolder key={settings.backupDirectory} settings={settings} save={save} />
          <SimpleGrid cols={3} spacing="sm">
            <Whole
              label="Jobs per server"
              description="Others wait in the queue"
              min={1}
              max={16}
              value={settings.jobsPerServer}
              onChange={(jobsPerServer) => save({ jobsPerServer })}
            />
            <Whole
              label="Jobs in all"
              description="Over all servers"
              min={1}
              max={32}
              value={settings.jobsInAll}
              onChange={(jobsInAll) => save({ jobsInAll })}
            />
            <Whole
              label="Stuck after (seconds)"
              description="Without any progress, a client is stopped"
              min={30}
              max={86_400}
              value={settings.stuckAfterSeconds}
              onChange={(stuckAfterSeconds) => save({ stuckAfterSeconds })}
            />
          </SimpleGrid>
        </Stack>
      </Section>
      <Section title="Window">
        <Stack gap="sm">
          <div>
            <div id="colour-scheme">Colour scheme</div>
            <SegmentedControl
              aria-labelledby="colour-scheme"
              mt={4}
              value={settings.colourScheme}
              onChange={(colourScheme) => save({ colourScheme })}
              data={[
                { value: 'auto' as const, label: 'As the system' },
                { value: 'light' as const, label: 'Light' },
                { value: 'dark' as const, label: 'Dark' },
              ]}
            />
          </div>
          {isDesktop() && (
            <>
              <Switch
                label="Closing the window keeps Howdah in the tray"
                description="Schedules go on running there"
                checked={settings.closeToTray}
                onChange={(event) => save({ closeToTray: event.currentTarget.checked })}
              />
              <Switch
                label="Start at login, into the tray"
                description="Without it, nothing runs by schedule until somebody opens Howdah"
                checked={settings.startAtLogin}
                onChange={(event) => save({ startAtLogin: event.currentTarget.checked })}
              />
            </>
          )}
        </Stack>
      </Section>
    </>
  );
}

function BackupFolder({ settings, save }: { settings: Settings; save: (patch: Partial<Settings>) => void }) {
  const [path, setPath] = useState(settings.backupDirectory);
  return (
    <DirectoryInput
      label="Backup folder"
      description="Each backup gets its own folder below it: profile, database, time"
      value={path}
      onChange={setPath}
      onSettled={(backupDirectory) => {
        if (backupDirectory !== '' && backupDirectory !== settings.backupDirectory) save({ backupDirectory });
      }}
    />
  );
}

function Whole({
  label,
  description,
  min,
  max,
  value,
  onChange,
}: {
  label: string;
  description: string;
  min: number;
  max: number;
  value: number;
  onChange: (value: number) => void;
}) {
  const [now, setNow] = useState<number | string>(value);
  const settle = () => {
    if (typeof now === 'number' && now >= min && now <= max && now !== value) onChange(now);
    else if (typeof now !== 'number') setNow(value);
  };
  return (
    <NumberInput
      label={label}
      description={description}
      min={min}
      max={max}
      clampBehavior="blur"
      allowDecimal={false}
      value={now}
      onChange={setNow}
      onBlur={settle}
      onKeyDown={(event) => {
        if (event.key === 'Enter') settle();
      }}
    />
  );
}
