import type { Period } from './data.ts';
import type { CalendarItem } from './items.ts';

/** An empty place that somebody wants to fill: a day, and a time of it where one was pointed at. */
export type EmptyPlace = { day: string; /** `02:30` */ time: string | null };

/** What every view of days gets. Days are those of `zone`; instants are milliseconds. */
export type ViewProps = {
  period: Period;
  /** First day in sight, and the first one after. */
  first: string;
  after: string;
  /** The day that the view is about. */
  day: string;
  zone: string;
  now: number;
  onOpen: (item: CalendarItem) => void;
  onOpenDay: (day: string) => void;
  /** Brings another day into sight, in the same view. */
  onGo: (day: string) => void;
  onCreate: (place: EmptyPlace) => void;
  onMove: (item: CalendarItem, to: number) => void;
};
