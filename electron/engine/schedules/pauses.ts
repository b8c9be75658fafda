// When everything was, is or will be paused: a list, because a slot of a pause may be settled long after it.
import type { Sqlite } from '../catalog/open.ts';

/** Milliseconds since 1970; from <= t < until. */
export type Pause = { from: number; until: number };

const settingName = 'schedulesPaused';
/** Older ones are forgotten, unless a schedule is not settled up to them. */
const keptMs = 400 * 86_400_000;

export function pausesStore(catalog: Sqlite) {
  const read = catalog.prepare<[string], { value: string }>('select value from settings where name = ?');
  const write = catalog.prepare<[string, string]>(
    'insert into settings (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
  );
  const list = (): Pause[] => {
    const row = read.get(settingName);
    return row === undefined ? [] : (JSON.parse(row.value) as Pause[]);
  };
  return {
    list,
    /** The end of the pause that is on; null: none is. */
    until: (now: number): number | null => pauseAt(list(), now)?.until ?? null,
    /** `until` null: go on now. */
    set(until: number | null, now: number): void {
      catalog.transaction(() => write.run(settingName, JSON.stringify(withPause(list(), until, now)))).immediate();
    },
  };
}
export type PausesStore = ReturnType<typeof pausesStore>;

export const pauseAt = (pauses: Pause[], instant: number): Pause | null =>
  pauses.find((pause) => pause.from <= instant && instant < pause.until) ?? null;

/** One that is made longer or shorter began when it began. */
function withPause(pauses: Pause[], until: number | null, now: number): Pause[] {
  const current = pauseAt(pauses, now);
  const others = pauses.filter((pause) => pause !== current && pause.from < now && pause.until > now - keptMs);
  const changed = { from: current?.from ?? now, until: until ?? now };
  return changed.until > changed.from ? [...others, changed] : others;
}
