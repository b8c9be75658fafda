import { beforeEach, describe, expect, it } from 'vitest';
import { alarmsThatBeginOrEnd, currentAlarms, healthOf } from '../../../../electron/engine/schedules/alarms.ts';
import { makeDesk, type Desk } from './desk.ts';

let desk: Desk;
let nightly: string;
beforeEach(async () => {
  desk = await makeDesk('2026-11-10T12:00:00Z');
  nightly = desk.addSchedule('nightly', 'daily 02:00', { timeZone: 'Europe/Berlin' });
});

const health = (id = nightly) => healthOf(desk.context, desk.get(id), desk.now());
const told = () => alarmsThatBeginOrEnd(desk.context, desk.now()).map((alarm) => alarm.alarm);
const leader = { host: 'agent', pid: 1, since: '2026-11-10T12:00:00.000Z', here: true } as const;

describe('overdue', () => {
  it('is new, then fine for as long as each slot is answered', () => {
    expect(health()).toEqual({ health: 'new', overdueSince: null });
    desk.addRun(nightly, '2026-11-11T01:00:00Z', 'succeeded');
    desk.setNow('2026-11-12T01:30:00Z');
    expect(health()).toEqual({ health: 'fine', overdueSince: null });
  });

  it('begins an hour after the oldest slot that nothing good has answered', () => {
    desk.addRun(nightly, '2026-11-11T01:00:00Z', 'succeeded');
    desk.addRun(nightly, '2026-11-12T01:00:00Z', 'failed');
    desk.setNow('2026-11-12T01:59:59Z');
    expect(health()).toEqual({ health: 'failing', overdueSince: null });
    desk.setNow('2026-11-12T02:00:00Z');
    expect(health()).toEqual({ health: 'overdue', overdueSince: '2026-11-12T01:00:00.000Z' });
    desk.addRun(nightly, '2026-11-13T01:00:00Z', 'missed');
    desk.setNow('2026-11-13T04:00:00Z');
    expect(health()).toEqual({ health: 'overdue', overdueSince: '2026-11-12T01:00:00.000Z' });
  });

  it('is seen also where nobody has settled the slot', () => {
    desk.setNow('2026-11-11T01:59:00Z');
    expect(health().overdueSince).toBeNull();
    desk.setNow('2026-11-11T02:00:00Z');
    expect(health()).toEqual({ health: 'overdue', overdueSince: '2026-11-11T01:00:00.000Z' });
  });

  it('is over with a good run begun since, by hand too, or a catch-up', () => {
    desk.addRun(nightly, '2026-11-11T01:00:00Z', 'missed');
    desk.setNow('2026-11-11T12:00:00Z');
    expect(health().health).toBe('overdue');
    desk.addRun(nightly, '2026-11-11T11:00:00Z', 'succeeded', { trigger: 'hand' });
    expect(health().health).toBe('fine');
    desk.addRun(nightly, '2026-11-12T01:00:00Z', 'missed');
    desk.addRun(nightly, '2026-11-13T01:00:00Z', 'caught-up', {
      startedAt: '2026-11-13T09:00:00.000Z',
      finishedAt: '2026-11-13T09:10:00.000Z',
    });
    desk.setNow('2026-11-13T10:00:00Z');
    expect(health().health).toBe('fine');
  });

  it('leaves out a slot that somebody skipped, and one that came while everything was paused', () => {
    desk.addRun(nightly, '2026-11-11T01:00:00Z', 'skipped', { reason: 'by-user' });
    desk.setNow('2026-11-11T12:00:00Z');
    expect(health().overdueSince).toBeNull();
    desk.addRun(nightly, '2026-11-12T01:00:00Z', 'skipped', { reason: 'paused' });
    desk.setNow('2026-11-12T12:00:00Z');
    expect(health().overdueSince).toBeNull();
  });

  it('a failed run by hand is no slot', () => {
    desk.addRun(nightly, '2026-11-10T13:00:00Z', 'failed', { trigger: 'hand' });
    desk.setNow('2026-11-10T20:00:00Z');
    expect(health()).toEqual({ health: 'failing', overdueSince: null });
  });

  it('waits for a long first try, but not for one that waits or is tried again', () => {
    const run = desk.addRun(nightly, '2026-11-11T01:00:00Z', 'running', { phase: 'working', attempts: 1 });
    desk.setNow('2026-11-11T05:00:00Z');
    expect(health()).toEqual({ health: 'running', overdueSince: null });
    desk.runs.change(run, { phase: 'pausing' });
    expect(health().health).toBe('overdue');
    desk.runs.change(run, { phase: 'working', attempts: 2 });
    expect(health().health).toBe('overdue');
    desk.runs.change(run, { phase: 'waiting', attempts: 0 });
    expect(health().health).toBe('overdue');
  });

  it('is nothing for a cleanup, or a schedule that is off', () => {
    const cleanup = desk.addSchedule('cleanup', 'daily 03:00', { task: { kind: 'cleanup', profileId: null } });
    const off = desk.addSchedule('off', 'daily 03:00', { enabled: false });
    desk.setNow('2026-11-12T12:00:00Z');
    expect(health(cleanup).overdueSince).toBeNull();
    expect(health(off)).toEqual({ health: 'off', overdueSince: null });
  });
});

describe('alarms', () => {
  it('names schedule, profile, database, since when in its own zone, and what to do', () => {
    desk.addRun(nightly, '2026-11-11T01:00:00Z', 'succeeded');
    desk.addRun(nightly, '2026-11-12T01:00:00Z', 'failed', {
      error: { code: 'AUTHENTICATION_FAILED', message: 'The server refused the password.', hint: 'Enter it anew.' },
    });
    desk.setNow('2026-11-12T03:00:00Z');
    expect(currentAlarms(desk.context, desk.now(), leader)).toEqual([
      {
        kind: 'overdue',
        scheduleId: nightly,
        text: 'nightly (profile shop, database orders) is overdue: no good backup since its run of 2026-11-12 02:00 Europe/Berlin was due. The last good run ended 2026-11-11 02:01 Europe/Berlin. The server refused the password. Enter it anew.',
      },
    ]);
  });

  it('has the worst first, and nobody who runs before all', () => {
    const failing = desk.addSchedule('failing', 'daily 02:00', { task: { kind: 'cleanup', profileId: null } });
    const missed = desk.addSchedule('missed', 'daily 02:00', { task: { kind: 'cleanup', profileId: null } });
    desk.addRun(failing, '2026-11-11T02:00:00Z', 'failed');
    desk.addRun(missed, '2026-11-11T02:00:00Z', 'missed');
    desk.setNow('2026-11-11T12:00:00Z');
    expect(currentAlarms(desk.context, desk.now(), null).map((alarm) => alarm.kind)).toEqual([
      'nobody-runs',
      'overdue',
      'failing',
      'missed',
    ]);
    expect(currentAlarms(desk.context, desk.now(), leader).map((alarm) => alarm.scheduleId)).toEqual([nightly, failing, missed]);
  });

  it('says nothing where all is well, or all is off', async () => {
    desk.addRun(nightly, '2026-11-11T01:00:00Z', 'succeeded');
    expect(currentAlarms(desk.context, desk.now(), leader)).toEqual([]);
    const quiet = await makeDesk('2026-11-10T12:00:00Z');
    quiet.addSchedule('off', 'daily 03:00', { enabled: false });
    expect(currentAlarms(quiet.context, Date.parse('2027-01-01T00:00:00Z'), null)).toEqual([]);
  });
});

describe('what is told', () => {
  it('tells of each alarm once until it is over', () => {
    desk.addRun(nightly, '2026-11-11T01:00:00Z', 'succeeded');
    expect(told()).toEqual([]);
    desk.addRun(nightly, '2026-11-12T01:00:00Z', 'failed');
    desk.setNow('2026-11-12T02:30:00Z');
    expect(told()).toEqual(['overdue', 'none-in-24h']);
    expect(told()).toEqual([]);
    desk.addRun(nightly, '2026-11-13T01:00:00Z', 'succeeded');
    desk.setNow('2026-11-13T01:10:00Z');
    expect(told()).toEqual([]);
    expect(desk.context.catalog.prepare('select * from alarms').all()).toEqual([]);
    desk.addRun(nightly, '2026-11-14T01:00:00Z', 'failed');
    desk.setNow('2026-11-14T02:30:00Z');
    expect(told()).toEqual(['overdue', 'none-in-24h']);
  });

  it('is not told again because a try was under way in between', () => {
    desk.addRun(nightly, '2026-11-11T01:00:00Z', 'missed');
    desk.setNow('2026-11-11T03:00:00Z');
    expect(told()).toEqual(['overdue']);
    const run = desk.addRun(nightly, '2026-11-11T03:01:00Z', 'running', { trigger: 'hand', phase: 'working', attempts: 1 });
    expect(told()).toEqual([]);
    desk.runs.change(run, { state: 'failed', phase: null, finishedAt: '2026-11-11T03:05:00.000Z' });
    expect(told()).toEqual([]);
  });

  it('none in 24 hours only for schedules older than that, with a slot in them', () => {
    const weekly = desk.addSchedule('weekly', 'weekly wed 20:00');
    desk.setNow('2026-11-11T11:59:00Z');
    expect(told()).toEqual(['overdue']);
    desk.setNow('2026-11-11T12:01:00Z');
    expect(told()).toEqual(['none-in-24h']);
    desk.addRun(weekly, '2026-11-11T20:00:00Z', 'succeeded');
    desk.setNow('2026-11-13T12:00:00Z');
    expect(alarmsThatBeginOrEnd(desk.context, desk.now()).map((alarm) => alarm.schedule)).not.toContain('weekly');
  });

  it('many failures: more than two in 24 hours', () => {
    const hourly = desk.addSchedule('hourly', 'hourly');
    desk.addRun(nightly, '2026-11-11T01:00:00Z', 'succeeded');
    for (const hour of ['00', '01', '02']) desk.addRun(hourly, `2026-11-11T${hour}:00:00Z`, 'failed');
    desk.addRun(hourly, '2026-11-11T03:00:00Z', 'succeeded');
    desk.setNow('2026-11-11T03:30:00Z');
    expect(told()).toEqual(['many-failures']);
    desk.addRun(hourly, '2026-11-12T03:00:00Z', 'succeeded');
    desk.addRun(nightly, '2026-11-12T01:00:00Z', 'succeeded');
    desk.setNow('2026-11-12T03:30:00Z');
    expect(told()).toEqual([]);
    expect(desk.context.catalog.prepare('select * from alarms').all()).toEqual([]);
  });

  it('forgets those of a schedule that is gone', () => {
    desk.setNow('2026-11-11T03:00:00Z');
    expect(told()).toEqual(['overdue']);
    desk.schedules.remove(nightly);
    expect(told()).toEqual([]);
    expect(desk.context.catalog.prepare('select * from alarms').all()).toEqual([]);
  });
});
