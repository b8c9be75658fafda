// An instant as people need it to act: in the zone shown, and beside it in the schedule's and the viewer's own, where those differ.
import { ago } from '../../ui/format.ts';
import { dateTimeOf, dayOf, machineZone, shortWeekday, zoneName } from './zone.ts';

export function inZone(instant: number, zone: string): string {
  return `${shortWeekday(dayOf(instant, zone))} ${dateTimeOf(instant, zone)}`;
}

export function When({
  at,
  zone,
  scheduleZone,
  relative = false,
}: {
  at: number;
  zone: string;
  scheduleZone?: string | null;
  relative?: boolean;
}) {
  const own = machineZone();
  const shown = inZone(at, zone);
  const others = [...new Set([scheduleZone ?? zone, own])].filter((other) => other !== zone && inZone(at, other) !== shown);
  return (
    <span className="numbers">
      {shown}
      {relative && <span className="dim"> {fromNow(at)}</span>}
      {others.map((other) => (
        <span key={other} style={{ display: 'block' }} className="dim">
          {inZone(at, other)} {other === own ? `here (${zoneName(other)})` : `in ${zoneName(other)}, the schedule’s zone`}
        </span>
      ))}
    </span>
  );
}

/** `in 3 h`, `2 days ago`. */
export function fromNow(at: number, now = Date.now()): string {
  return at > now ? comingIn(at - now) : ago(new Date(at).toISOString(), now);
}

/** `in 3 h`. */
export function comingIn(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 90) return `in ${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `in ${hours} h` : `in ${Math.round(hours / 24)} days`;
}
