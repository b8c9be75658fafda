// What must not silence an alarm.
import { expect, it } from 'vitest';
import { currentAlarms } from '../../../../electron/engine/schedules/alarms.ts';
import { makeDesk } from './desk.ts';

const leader = { host: 'agent', pid: 1, since: '2026-11-10T12:00:00.000Z', here: true } as const;

it('a good run that stands in the future, from a clock that was wrong once', async () => {
  const desk = await makeDesk('2026-11-10T12:00:00Z');
  const id = desk.addSchedule('nightly', 'daily 02:00');
  desk.addRun(id, '2027-03-10T02:00:00Z', 'succeeded');
  desk.schedules.settled(id, desk.now(), Date.parse('2026-11-11T02:00:00Z'));
  for (const day of [11, 12, 13]) desk.addRun(id, `2026-11-${day}T02:00:00Z`, 'failed');
  desk.setNow('2026-11-13T12:00:00Z');
  const alarms = currentAlarms(desk.context, desk.now(), leader);
  expect(alarms.map((alarm) => [alarm.kind, alarm.scheduleId])).toEqual([['overdue', id]]);
});

it('another schedule whose time zone this machine does not know', async () => {
  const desk = await makeDesk('2026-11-10T12:00:00Z');
  const [odd, other] = [desk.addSchedule('odd', 'daily 02:00'), desk.addSchedule('other', 'daily 03:00')];
  for (const id of [odd, other]) desk.addRun(id, id === odd ? '2026-11-11T02:00:00Z' : '2026-11-11T03:00:00Z', 'failed');
  desk.context.catalog.prepare("update schedules set fields = json_set(fields, '$.timeZone', 'Nowhere/Land') where id = ?").run(odd);
  desk.setNow('2026-11-11T12:00:00Z');
  const alarms = currentAlarms(desk.context, desk.now(), leader);
  expect(new Set(alarms.map((alarm) => alarm.scheduleId))).toEqual(new Set([odd, other]));
  expect(alarms.find((alarm) => alarm.scheduleId === odd)?.text).toContain('odd: overdue');
});
