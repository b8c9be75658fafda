// Schedules: the calendar of what is to come and what came of it, beside the list of schedules.
import { Button } from '@mantine/core';
import { IconCalendarPlus } from '@tabler/icons-react';
import { useEffect } from 'react';
import { api } from '../api.ts';
import { useNavigation } from '../navigation.ts';
import { useLoad } from '../ui/loadable.ts';
import { Loaded } from '../ui/Loaded.tsx';
import { PageFrame, Scroll } from '../ui/PageFrame.tsx';
import { Calendar } from './calendar/Calendar.tsx';
import { useNow, useVersion } from './calendar/data.ts';
import { comingIn, inZone } from './calendar/When.tsx';
import { dayOf } from './calendar/zone.ts';
import { FirstSchedules } from './editor/FirstSchedules.tsx';
import { ScheduleList } from './editor/ScheduleList.tsx';
import { openScheduleEditor } from './editor/store.ts';
import { placeOf } from './place.ts';
import { useSchedules } from './store.ts';

export function SchedulesPage() {
  const { id } = useNavigation();
  const side = useSchedules((state) => state.side);
  const show = useSchedules((state) => state.show);
  const version = useVersion();
  const now = useNow();
  const [schedules, again] = useLoad('schedules', () => api.schedules.list(), version);
  const none = schedules.status === 'ready' && schedules.value.length === 0;
  const [past] = useLoad(none ? 'any run' : null, () => api.schedules.history({ limit: 1 }), version);
  const place = placeOf(id);
  const [view, day] = place.kind === 'view' ? [place.view, place.day] : [null, null];
  useEffect(() => {
    if (view !== null) show(view, day);
  }, [view, day, show]);
  const nowhere = place.kind === 'none';
  useEffect(() => {
    if (!nowhere) return;
    // The program may have been open for days: whoever comes without a place wants to see today.
    const { view: last, zone } = useSchedules.getState();
    show(last, dayOf(Date.now(), zone));
  }, [nowhere, show]);

  if (schedules.status !== 'ready') {
    return (
      <PageFrame title="Schedules">
        <Scroll>
          <Loaded of={schedules} what="schedules" retry={again}>
            {() => null}
          </Loaded>
        </Scroll>
      </PageFrame>
    );
  }
  // What schedules that are gone have done is still looked at in the calendar.
  if (none && place.kind !== 'run') {
    if (past.status === 'loading') return <PageFrame title="Schedules">{null}</PageFrame>;
    if (past.status === 'failed' || past.value.total === 0) return <FirstSchedules />;
  }
  return (
    <PageFrame
      title="Schedules"
      subtitle={<NextRun version={version} now={now} />}
      actions={
        <Button
          leftSection={<IconCalendarPlus size={15} />}
          onClick={() => openScheduleEditor({ draft: {} })}
          aria-keyshortcuts="n"
          title="Back up on a schedule (N)"
        >
          Back up on a schedule
        </Button>
      }
    >
      <Calendar
        schedules={schedules.value}
        version={version}
        now={now}
        runId={place.kind === 'run' ? place.id : null}
        side={side ? <ScheduleList /> : null}
      />
    </PageFrame>
  );
}

function NextRun({ version, now }: { version: number; now: number }) {
  const zone = useSchedules((state) => state.zone);
  const [status] = useLoad('status', () => api.schedules.status(), version);
  if (status.status !== 'ready' || status.value.next === null) return null;
  const { next } = status.value;
  const at = Date.parse(next.at);
  return <span title={inZone(at, zone)}>{`Next: ${next.schedule} ${comingIn(at - now)}, ${inZone(at, zone)}`}</span>;
}
