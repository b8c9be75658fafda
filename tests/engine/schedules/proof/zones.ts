// Where clocks change, and how the tests of slots speak of them.
import type { When } from '../../../../shared/contract/schedules.ts';
import type { Recurrence } from '../../../../electron/engine/schedules/when/slots.ts';

/** One of each kind: by an hour east and west, by half an hour, by two hours, at midnight, around Ramadan, none. */
export const oneOfEachKind = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
  'America/Santiago',
  'Africa/Casablanca',
  'Asia/Kathmandu',
];
export const zones = [
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Havana',
  'America/Asuncion',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Pacific/Norfolk',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Tehran',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Amman',
  'Asia/Kathmandu',
  'Antarctica/Troll',
  'UTC',
];
export const from = Date.UTC(2016, 0, 1);
export const to = Date.UTC(2027, 0, 1);

export const of = (when: When, timeZone: string, more: Partial<Recurrence> = {}): Recurrence => ({
  when,
  timeZone,
  startsAt: null,
  endsAt: null,
  ...more,
});
export const iso = (instants: number[]): string[] => instants.map((at) => new Date(at).toISOString());
export const told = (when: When, zone: string, at: number): string =>
  `${JSON.stringify(when)} in ${zone} around ${new Date(at).toISOString()}`;
