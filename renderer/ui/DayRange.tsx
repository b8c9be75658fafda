// Two days that narrow a list. Days are the user's own; the engine gets instants.
import { TextInput } from '@mantine/core';

export type Range = { from?: string | undefined; to?: string | undefined };

/** `from` and `to` are ISO instants: the first one of a day, and the last one. */
export function DayRange({ from, to, onChange }: Range & { onChange: (change: Range) => void }) {
  return (
    <>
      <TextInput
        type="date"
        aria-label="From date"
        value={from === undefined ? '' : dayOf(from)}
        onChange={(event) => onChange({ from: instant(event.currentTarget.value, '00:00:00.000') })}
        w={126}
      />
      <span className="dim" aria-hidden>
        –
      </span>
      <TextInput
        type="date"
        aria-label="To date"
        value={to === undefined ? '' : dayOf(to)}
        onChange={(event) => onChange({ to: instant(event.currentTarget.value, '23:59:59.999') })}
        w={126}
      />
    </>
  );
}

function instant(day: string, time: string): string | undefined {
  return day === '' ? undefined : new Date(`${day}T${time}`).toISOString();
}

function dayOf(timestamp: string): string {
  const date = new Date(timestamp);
  const year = String(date.getFullYear()).padStart(4, '0');
  return [year, ...[date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0'))].join('-');
}
