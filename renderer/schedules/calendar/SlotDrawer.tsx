// A slot that has not come yet: when, from where it was moved, how long it may take, and what can be done with it.
import { Button, Drawer, Group, Stack } from '@mantine/core';
import { IconArrowBackUp, IconClockEdit, IconPlayerPlay, IconPlayerSkipForward } from '@tabler/icons-react';
import type { Schedule } from '../../../shared/contract/schedules.ts';
import { api } from '../../api.ts';
import { catalogChanged } from '../../app/store.ts';
import { go } from '../../navigation.ts';
import { Facts } from '../../ui/Facts.tsx';
import { useAction } from '../../ui/loadable.ts';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { openScheduleEditor } from '../editor/store.ts';
import { useSchedules } from '../store.ts';
import { roughly, type CalendarItem } from './items.ts';
import { StateIcon } from './StateIcon.tsx';
import { fromNow, When } from './When.tsx';
import styles from './calendar.module.css';

type Slot = Extract<CalendarItem, { kind: 'planned' }>;

export function SlotDrawer({ item, schedule }: { item: Slot | null; schedule: Schedule | null }) {
  const openSlot = useSchedules((state) => state.openSlot);
  return (
    <Drawer
      opened={item !== null}
      onClose={() => openSlot(null)}
      title={<span className="cut">{item?.name ?? ''}</span>}
      size={520}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {item !== null && <Detail item={item} schedule={schedule} />}
    </Drawer>
  );
}

function Detail({ item, schedule }: { item: Slot; schedule: Schedule | null }) {
  const { zone, move, openSlot } = useSchedules();
  const { doing, run } = useAction();
  const { planned } = item;
  const scheduleZone = schedule?.timeZone ?? null;
  const skipped = item.state === 'to-skip';
  const movedFrom = planned.movedFrom === null ? null : Date.parse(planned.movedFrom);
  const busy = doing.status === 'busy';

  const setSkip = (skip: boolean) =>
    run(async () => {
      await api.schedules.skipSlot({ id: item.scheduleId, at: planned.at, skip });
      catalogChanged();
      // A move that is taken back stands elsewhere.
      if (movedFrom !== null && !skip) openSlot({ scheduleId: item.scheduleId, at: movedFrom });
    });

  return (
    <Stack gap="md">
      <div className={`${styles['verdict']} ${styles['tone-neutral']}`} role="status">
        <StateIcon state={item.state} size={26} />
        <div>
          <div className={styles['verdictTitle']}>{skipped ? 'Will be skipped' : `Planned, ${fromNow(item.at)}`}</div>
          <div>
            {skipped
              ? 'Somebody took this one out. It goes on record as skipped when its time comes.'
              : planned.paused
                ? 'Everything is paused: unless that ends before, this one is skipped.'
                : planned.kind === 'cleanup'
                  ? 'Applies the retention rules.'
                  : 'Makes a backup and checks it.'}
          </div>
        </div>
      </div>
      <Facts
        facts={{
          When: <When at={item.at} zone={zone} scheduleZone={scheduleZone} />,
          'Moved from': movedFrom === null ? null : <When at={movedFrom} zone={zone} scheduleZone={scheduleZone} />,
          'May take':
            planned.expectedMs === null
              ? 'not known: it has not succeeded yet'
              : `about ${roughly(planned.expectedMs)}, as the last ones did`,
          Schedule: schedule?.words ?? null,
          Profile: planned.profile === '' ? null : planned.profile,
        }}
      />
      {doing.status === 'failed' && <ErrorNotice error={doing.error} />}
      <Group gap="xs">
        {skipped ? (
          <Button leftSection={<IconArrowBackUp size={15} />} loading={busy} onClick={() => setSkip(false)}>
            Run it after all
          </Button>
        ) : (
          <>
            <Button
              leftSection={<IconClockEdit size={15} />}
              onClick={() => move({ scheduleId: item.scheduleId, at: item.at, to: item.at })}
              disabled={schedule === null}
            >
              Move…
            </Button>
            <Button variant="default" leftSection={<IconPlayerSkipForward size={15} />} loading={busy} onClick={() => setSkip(true)}>
              Skip this one
            </Button>
            {movedFrom !== null && (
              <Button variant="default" leftSection={<IconArrowBackUp size={15} />} loading={busy} onClick={() => setSkip(false)}>
                Back to where it was
              </Button>
            )}
          </>
        )}
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={15} />}
          loading={busy}
          onClick={() =>
            run(async () => {
              const started = await api.schedules.run({ id: item.scheduleId });
              catalogChanged();
              openSlot(null);
              go('schedules', started.id);
            })
          }
        >
          Run now
        </Button>
        <Button variant="default" onClick={() => openScheduleEditor({ scheduleId: item.scheduleId })}>
          Edit schedule…
        </Button>
      </Group>
      {!skipped && <Notice tone="neutral">“Run now” makes one beside the plan: this slot stays.</Notice>}
    </Stack>
  );
}
