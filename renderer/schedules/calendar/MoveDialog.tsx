// Moves a slot to another time, alone or with all that follow. Nothing moves on the calendar until the engine has agreed.
import { Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Schedule } from '../../../shared/contract/schedules.ts';
import { api } from '../../api.ts';
import { catalogChanged } from '../../app/store.ts';
import { useAction } from '../../ui/loadable.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { useSchedules, type Moving } from '../store.ts';
import { When } from './When.tsx';
import { dayOf, fromWall, timeOf, toWall, zoneName } from './zone.ts';

export function MoveDialog({ schedules, onMoved }: { schedules: readonly Schedule[]; onMoved: (to: number) => void }) {
  const { moving, move } = useSchedules();
  const schedule = moving === null ? null : (schedules.find(({ id }) => id === moving.scheduleId) ?? null);
  if (moving === null || schedule === null) return null;
  return <Dialog key={`${moving.at} ${moving.to}`} moving={moving} schedule={schedule} onClose={() => move(null)} onMoved={onMoved} />;
}

const whatAllMeans: Record<Schedule['when']['kind'], string> = {
  hourly: 'Changes the minute of every hour. To another hour only one can be moved.',
  daily: 'Changes the schedule’s own time.',
  weekly: 'Changes the schedule’s own time, and this day of its week.',
  monthly: 'Changes the schedule’s own time and day of the month.',
  cron: 'A cron expression has no one time to move. Edit the schedule instead.',
};

function Dialog({
  moving,
  schedule,
  onClose,
  onMoved,
}: {
  moving: Moving;
  schedule: Schedule;
  onClose: () => void;
  onMoved: (to: number) => void;
}) {
  const zone = useSchedules((state) => state.zone);
  const [day, setDay] = useState(dayOf(moving.to, zone));
  const [time, setTime] = useState(timeOf(moving.to, zone));
  const [which, setWhich] = useState<'one' | 'all'>('one');
  const { doing, run, clear } = useAction();
  const goodTime = /^([01]?\d|2[0-3]):[0-5]\d$/.test(time.trim());
  const wall = Date.parse(`${day}T${time.trim().padStart(5, '0')}:00Z`);
  const to = !goodTime || Number.isNaN(wall) ? null : fromWall(wall, zone);
  const oddTime = to !== null && toWall(to, zone) !== wall;
  const unmovable = schedule.when.kind === 'cron';
  const unchanged = to === moving.at;

  return (
    <Modal
      opened
      onClose={onClose}
      title={<span className="cut">Move “{schedule.name}”</span>}
      size="md"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (to === null || unchanged || doing.status === 'busy') return;
          run(async () => {
            await api.schedules.moveSlot({
              id: schedule.id,
              at: new Date(moving.at).toISOString(),
              to: new Date(to).toISOString(),
              which,
            });
            catalogChanged();
            onClose();
            onMoved(to);
          });
        }}
      >
        <Stack gap="sm">
          <div>
            <div className="dim">From</div>
            <When at={moving.at} zone={zone} scheduleZone={schedule.timeZone} />
          </div>
          <Group gap="xs" align="flex-start" wrap="nowrap">
            <TextInput
              type="date"
              label="To day"
              value={day}
              onChange={(event) => {
                clear();
                setDay(event.currentTarget.value);
              }}
              required
              withAsterisk={false}
              style={{ flex: 1 }}
            />
            <TextInput
              label="To time"
              placeholder="02:00"
              value={time}
              error={goodTime ? null : 'From 00:00 to 23:59'}
              onChange={(event) => {
                clear();
                setTime(event.currentTarget.value);
              }}
              inputMode="numeric"
              autoComplete="off"
              data-autofocus
              style={{ flex: 1 }}
            />
          </Group>
          <div className="dim">{`In the time of ${zoneName(zone)}.`}</div>
          {to !== null && (
            <div role="status">
              <div className="dim">{oddTime ? 'Clocks go forward over that time. It will run at' : 'It will run at'}</div>
              <When at={to} zone={zone} scheduleZone={schedule.timeZone} relative />
            </div>
          )}
          <Radio.Group label="Which" value={which} onChange={(value) => setWhich(value === 'all' ? 'all' : 'one')}>
            <Stack gap={6} mt={4}>
              <Radio value="one" label="Only this one" description="The schedule stays; the record will say where it was moved from." />
              <Radio value="all" label="This and all that follow" disabled={unmovable} description={whatAllMeans[schedule.when.kind]} />
            </Stack>
          </Radio.Group>
          {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={doing.status === 'busy'} disabled={to === null || unchanged}>
              Move
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
