// What the calendar shows: which view of which day, in whose time, of which schedules, and what is opened on it.
import { create } from 'zustand';
import { go } from '../navigation.ts';
import { addDays, addMonths, dayOf, machineZone, monthName, startOfMonth, startOfWeek, mediumDay, weekName } from './calendar/zone.ts';
import { placeId, type View } from './place.ts';

/** A slot to come that is opened, and what is being done to it. */
export type OpenSlot = { scheduleId: string; at: number };
export type Moving = { scheduleId: string; at: number; to: number };

type SchedulesState = {
  view: View;
  /** The day that the view is about, in `zone`. */
  day: string;
  zone: string;
  /** Schedules that are not to be shown. */
  hidden: ReadonlySet<string>;
  /** The list of schedules beside the calendar. */
  side: boolean;
  slot: OpenSlot | null;
  moving: Moving | null;
  show: (view: View, day: string) => void;
  setZone: (zone: string) => void;
  setHidden: (hidden: ReadonlySet<string>) => void;
  setSide: (side: boolean) => void;
  openSlot: (slot: OpenSlot | null) => void;
  move: (moving: Moving | null) => void;
};

const kept = {
  zone: 'howdah.calendar.zone',
  side: 'howdah.calendar.side',
  hidden: 'howdah.calendar.hidden',
};

export const useSchedules = create<SchedulesState>((set) => ({
  view: 'month',
  day: dayOf(Date.now(), keptZone()),
  zone: keptZone(),
  hidden: new Set((localStorage.getItem(kept.hidden) ?? '').split(' ').filter((id) => id !== '')),
  side: localStorage.getItem(kept.side) !== 'no',
  slot: null,
  moving: null,
  show: (view, day) => set({ view, day, slot: null, moving: null }),
  setZone: (zone) => {
    if (zone === machineZone()) localStorage.removeItem(kept.zone);
    else localStorage.setItem(kept.zone, zone);
    set({ zone });
  },
  setHidden: (hidden) => {
    localStorage.setItem(kept.hidden, [...hidden].join(' '));
    set({ hidden });
  },
  setSide: (side) => {
    localStorage.setItem(kept.side, side ? 'yes' : 'no');
    set({ side });
  },
  openSlot: (slot) => set({ slot }),
  move: (moving) => set({ moving }),
}));

function keptZone(): string {
  const zone = localStorage.getItem(kept.zone);
  if (zone === null) return machineZone();
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone === '' ? machineZone() : zone;
  } catch {
    // A zone that this browser no longer knows.
    return machineZone();
  }
}

/** Goes there by the address, so that back and reload work. */
export function goToDay(view: View, day: string): void {
  // At once, too: a second key may be pressed before the address has told of the first.
  useSchedules.getState().show(view, day);
  go('schedules', placeId(view, day));
}

/** The place to return to when a run is closed. */
export function goBackToView(): void {
  const { view, day } = useSchedules.getState();
  goToDay(view, day);
}

export function step(view: View, day: string, by: 1 | -1): string {
  switch (view) {
    case 'month':
    case 'list':
      return addMonths(startOfMonth(day), by);
    case 'week':
      return addDays(day, by * 7);
    case 'day':
      return addDays(day, by);
    case 'year':
      return addMonths(day, by * 12);
    case 'load':
      return day;
  }
}

/** The period in words: `November 2026`. */
export function periodName(view: View, day: string): string {
  switch (view) {
    case 'month':
    case 'list':
      return monthName(day);
    case 'week':
      return weekName(startOfWeek(day));
    case 'day':
      return mediumDay(day);
    case 'year':
      return day.slice(0, 4);
    case 'load':
      return 'The next 30 days';
  }
}

/** First day in sight, and the first one after. */
export function periodOf(view: View, day: string): { first: string; after: string } {
  switch (view) {
    case 'month': {
      const first = startOfWeek(startOfMonth(day));
      const lastOfMonth = addDays(addMonths(startOfMonth(day), 1), -1);
      return { first, after: addDays(startOfWeek(lastOfMonth), 7) };
    }
    case 'list':
      return { first: startOfMonth(day), after: addMonths(startOfMonth(day), 1) };
    case 'week':
      return { first: startOfWeek(day), after: addDays(startOfWeek(day), 7) };
    case 'day':
    case 'load':
      return { first: day, after: addDays(day, 1) };
    case 'year':
      return { first: `${day.slice(0, 4)}-01-01`, after: addMonths(`${day.slice(0, 4)}-01-01`, 12) };
  }
}
