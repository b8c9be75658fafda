import { describe, expect, test } from 'vitest';
import { formOf, oneDatabase, problemsOf, suggestedName, toFields, type ScheduleForm } from '../../../../renderer/schedules/editor/form.ts';
import { scheduleFields, type ScheduleFields } from '../../../../shared/contract/schedules.ts';

const complete: ScheduleFields = scheduleFields.parse({
  name: 'Nightly',
  task: {
    kind: 'backup',
    profileId: 'pro_1',
    databases: { kind: 'all', except: ['scratch'] },
    options: {
      format: 'directory',
      compression: 'zstd:7',
      jobs: 3,
      quick: true,
      excludeTableData: ['public.log_*'],
      globals: true,
      deepVerify: true,
    },
  },
  when: { kind: 'hourly', fromHour: 22, toHour: 5, minute: 30, days: ['mon', 'fri'] },
  timeZone: 'Europe/Berlin',
  enabled: false,
  startsAt: '2026-12-01T00:00:00.000Z',
  endsAt: '2027-03-28T01:30:00.000Z',
  missed: { kind: 'grace', seconds: 5400 },
  overlap: 'cancel',
  retries: 4,
  windowEnd: '06:00',
  colour: '#2f9e44',
});

const fill = (change: Partial<ScheduleForm>): ScheduleForm => ({
  ...formOf({ name: 'x', timeZone: 'UTC' }),
  profileId: 'pro_1',
  ...change,
});

describe('a schedule that is edited and changed in nothing stays as it is', () => {
  const whens: ScheduleFields['when'][] = [
    complete.when,
    { kind: 'daily', time: '02:30' },
    { kind: 'weekly', days: ['sun'], time: '23:59' },
    { kind: 'monthly', day: 31, time: '00:00' },
    { kind: 'monthly', day: 'last', time: '03:00' },
    { kind: 'cron', expression: '*/15 9-17 * * mon-fri' },
  ];
  test.each(whens)('$kind', (when) => expect(toFields(formOf({ ...complete, when }))).toEqual({ ...complete, when }));
  test.each<ScheduleFields['missed']>([
    { kind: 'runOnce' },
    { kind: 'skip' },
    { kind: 'grace', seconds: 172_800 },
    { kind: 'grace', seconds: 60 },
  ])('missed: %j', (missed) => expect(toFields(formOf({ ...complete, missed }))).toEqual({ ...complete, missed }));
  test('a cleanup of everything', () => {
    const fields = { ...complete, task: { kind: 'cleanup' as const, profileId: null } };
    expect(toFields(formOf(fields))).toEqual(fields);
  });
  test('chosen tables, with names as awkward as they come', () => {
    const tables = [{ schema: 'a.b', table: 'c"d' }];
    const options = { ...(complete.task.kind === 'backup' ? complete.task.options : never()), tables };
    const fields: ScheduleFields = {
      ...complete,
      task: { kind: 'backup', profileId: 'p', databases: { kind: 'named', names: ['shop'] }, options },
    };
    expect(toFields(formOf(fields))).toEqual(fields);
  });
});

test('what was typed loosely is saved in order', () => {
  expect(toFields(fill({ time: '2:30', windowEnd: ' 6 ' }))).toMatchObject({ when: { kind: 'daily', time: '02:30' }, windowEnd: '06:00' });
});

test.each<[Partial<ScheduleForm>, string]>([
  [{ name: '  ' }, 'name'],
  [{ profileId: '' }, 'profileId'],
  [{ databases: 'named', named: [] }, 'named'],
  [{ time: '24:00' }, 'time'],
  [{ when: 'weekly', weeklyDays: [] }, 'weeklyDays'],
  [{ when: 'cron', expression: ' ' }, 'expression'],
  [{ startsAt: '2026-12-02T00:00', endsAt: '2026-12-01T00:00' }, 'endsAt'],
  [{ missed: 'grace', grace: 0 }, 'grace'],
  [{ windowEnd: 'soon' }, 'windowEnd'],
])('%j cannot be saved, and it is said under its own field', (change, field) => {
  const form = fill(change);
  expect(Object.keys(problemsOf(form))).toEqual([field]);
  expect(toFields(form)).toBeNull();
});

test('tables can be chosen where there is one database only', () => {
  expect(oneDatabase(fill({ databases: 'profile' }))).toBe('');
  expect(oneDatabase(fill({ databases: 'named', named: ['shop'] }))).toBe('shop');
  expect(oneDatabase(fill({ databases: 'named', named: ['shop', 'hr'] }))).toBeNull();
  expect(oneDatabase(fill({ databases: 'all' }))).toBeNull();
});

test('a name is suggested from what it does', () => {
  expect(suggestedName(fill({ when: 'weekly' }), 'Shop')).toBe('Weekly backup of Shop');
  expect(suggestedName(fill({ kind: 'cleanup' }), '')).toBe('Cleanup');
});

function never(): never {
  throw new Error('the complete schedule is a backup');
}
