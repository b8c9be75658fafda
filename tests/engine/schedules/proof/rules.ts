// Rules of the contract and, beside each, what it says about a wall clock; random ones too.
import fc from 'fast-check';
import { weekdays, type Weekday, type When } from '../../../../shared/contract/schedules.ts';
import { cronOnTheWall, minutes, type OnTheWall } from './wall.ts';

export const awkwardTimes = ['00:00', '00:30', '01:59', '02:00', '02:15', '02:30', '03:00', '23:59'];

/** From the contract's comments and docs/schedules.md. */
export function onTheWall(when: When): OnTheWall {
  const everyDay = (): boolean => true;
  switch (when.kind) {
    case 'daily':
      return { day: everyDay, times: [minutes(when.time)] };
    case 'weekly':
      return { day: (date) => isOn(when.days, date.weekday), times: [minutes(when.time)] };
    case 'monthly': {
      const wanted = when.day;
      return { day: (date) => date.day === (wanted === 'last' ? date.last : Math.min(wanted, date.last)), times: [minutes(when.time)] };
    }
    case 'hourly': {
      const times: number[] = [];
      for (let hour = when.fromHour; ; hour = (hour + 1) % 24) {
        times.push(hour * 60 + when.minute);
        if (hour === when.toHour) break;
      }
      return { day: (date) => when.days.length === 0 || isOn(when.days, date.weekday), times };
    }
    case 'cron':
      return cronOnTheWall(when.expression);
  }
}

const isOn = (days: readonly string[], weekday: number): boolean => days.includes(weekdays[(weekday + 6) % 7] ?? '');

/** Every kind at every awkward time. */
export const fixedRules: When[] = [
  ...awkwardTimes.flatMap((time): When[] => [
    { kind: 'daily', time },
    { kind: 'weekly', days: ['sun', 'fri'], time },
    { kind: 'weekly', days: ['mon', 'thu', 'sat'], time },
    { kind: 'monthly', day: 'last', time },
    { kind: 'monthly', day: 30, time },
    { kind: 'cron', expression: `${Number(time.slice(3))} ${Number(time.slice(0, 2))} * * SUN,6` },
  ]),
  { kind: 'monthly', day: 1, time: '00:00' },
  { kind: 'monthly', day: 31, time: '02:30' },
  { kind: 'hourly', fromHour: 0, toHour: 23, minute: 0, days: [] },
  { kind: 'hourly', fromHour: 0, toHour: 23, minute: 30, days: [] },
  { kind: 'hourly', fromHour: 9, toHour: 17, minute: 15, days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
  { kind: 'hourly', fromHour: 22, toHour: 5, minute: 59, days: [] },
  { kind: 'hourly', fromHour: 22, toHour: 3, minute: 15, days: ['sat', 'sun'] },
  { kind: 'hourly', fromHour: 2, toHour: 2, minute: 30, days: [] },
  { kind: 'cron', expression: '*/15 * * * *' },
  { kind: 'cron', expression: '* 2 * * *' },
  { kind: 'cron', expression: '0,30 0-3 * * *' },
  { kind: 'cron', expression: '30 2 L * *' },
  { kind: 'cron', expression: '30 2 * * SUN#2' },
  { kind: 'cron', expression: '15 2 * MAR,OCT,NOV SUN' },
  { kind: 'cron', expression: '30 2 13 * FRI' },
  { kind: 'cron', expression: '59 1,23 */2 * *' },
  { kind: 'cron', expression: '@hourly' },
  { kind: 'cron', expression: '@daily' },
];

const time = fc
  .tuple(fc.nat(23), fc.oneof(fc.constantFrom(0, 1, 15, 30, 45, 59), fc.nat(59)))
  .map(([hour, min]) => `${two(hour)}:${two(min)}`);
const two = (number: number): string => String(number).padStart(2, '0');
const days = fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1, maxLength: 7 });

const field = (lowest: number, highest: number, words: string[]): fc.Arbitrary<string> => {
  const number = fc.integer({ min: lowest, max: highest });
  const name = words.length === 0 ? number.map(String) : fc.oneof(number.map(String), fc.constantFrom(...words));
  const range = fc.tuple(number, number).map(([one, other]) => `${Math.min(one, other)}-${Math.max(one, other)}`);
  const step = fc.tuple(range, fc.integer({ min: 1, max: 7 })).map(([text, by]) => `${text}/${by}`);
  const list = fc.array(fc.oneof(name, range, step), { minLength: 2, maxLength: 3 }).map((parts) => parts.join(','));
  return fc.oneof({ arbitrary: fc.constant('*'), weight: 3 }, { arbitrary: name, weight: 3 }, range, step, list);
};
const starStep = (highest: number): fc.Arbitrary<string> => fc.integer({ min: 2, max: highest }).map((by) => `*/${by}`);

/** No step over `*` in the days: whether that counts as a day that is given, crons do not agree. */
const cronExpression = fc
  .tuple(
    fc.oneof(field(0, 59, []), starStep(40)),
    fc.oneof(field(0, 23, []), starStep(9)),
    fc.oneof(field(1, 31, []), fc.constantFrom('L', '15,L')),
    fc.oneof({ arbitrary: fc.constant('*'), weight: 4 }, field(1, 12, ['JAN', 'mar', 'Oct', 'DEC'])),
    fc.oneof(field(0, 6, ['SUN', 'mon', 'Fri']), fc.constantFrom('7', 'SUN#1', 'fri#3', '2#2', '0-7')),
  )
  .map((fields) => fields.join(' '));

/** Any rule that comes now and then. */
export const anyWhen: fc.Arbitrary<When> = fc.oneof(
  time.map((at): When => ({ kind: 'daily', time: at })),
  fc.tuple(days, time).map(([on, at]): When => ({ kind: 'weekly', days: on, time: at })),
  fc
    .tuple(fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constant('last' as const)), time)
    .map(([on, at]): When => ({ kind: 'monthly', day: on, time: at })),
  fc
    .tuple(fc.nat(23), fc.nat(23), fc.nat(59), fc.oneof(fc.constant<Weekday[]>([]), days))
    .map(([fromHour, toHour, min, on]): When => ({ kind: 'hourly', fromHour, toHour, minute: min, days: on })),
  { arbitrary: cronExpression.map((expression): When => ({ kind: 'cron', expression })), weight: 3 },
);
