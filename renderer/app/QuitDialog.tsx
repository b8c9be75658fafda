import { Button, Group, Modal, Stack } from '@mantine/core';
import { api } from '../api.ts';
import { plural } from '../ui/format.ts';
import { useAction } from '../ui/loadable.ts';
import { ErrorNotice } from '../ui/Notice.tsx';
import { useApp } from './store.ts';

/** Leaving while jobs run: never in silence. */
export function QuitDialog() {
  const quit = useApp((state) => state.quit);
  const { doing, run } = useAction();
  if (!quit.asked) return null;
  const answer = (choice: 'stay' | 'cancelJobsAndQuit') =>
    run(async () => {
      await api.app.answerQuit({ answer: choice });
      if (choice === 'stay') useApp.setState({ quit: { asked: false } });
    });
  return (
    <Modal
      opened
      onClose={() => answer('stay')}
      title={`Quit while ${plural(quit.runningJobs, 'job')} ${quit.runningJobs === 1 ? 'is' : 'are'} running?`}
      closeButtonProps={{ 'aria-label': 'Stay' }}
    >
      <Stack gap="md">
        <div>
          Cancelled backups leave nothing behind; cancelled restores leave the old database as it was. You will have to start them again.
        </div>
        {quit.schedules > 0 && (
          <div>
            Nothing will run unattended while Howdah is closed: {plural(quit.schedules, 'schedule')} will wait until it, or{' '}
            <code>howdah agent</code>, runs again.
          </div>
        )}
        {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => answer('stay')} data-autofocus>
            Stay
          </Button>
          <Button color="red" loading={doing.status === 'busy'} onClick={() => answer('cancelJobsAndQuit')}>
            Cancel jobs and quit
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
