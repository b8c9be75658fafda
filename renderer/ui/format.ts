// Sizes, durations and times as people read them.

/** As PostgreSQL's pg_size_pretty counts: 1024 to the step. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (value < 1024) return `${Math.round(value)} B`;
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let size = value;
  let unit = -1;
  do {
    size /= 1024;
    unit += 1;
  } while (size >= 1023.5 && unit < units.length - 1);
  return `${size >= 99.95 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** Local time, sortable by eye: `2026-11-20 22:27`. */
export function dateTime(timestamp: string, withSeconds = false): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return timestamp;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return withSeconds ? `${day} ${time}:${two(date.getSeconds())}` : `${day} ${time}`;
}

export function timeOfDay(timestamp: string): string {
  return dateTime(timestamp, true).slice(11);
}

/** `just now`, `3 min ago`, `5 h ago`, `12 days ago`. A time in the future (a clock set back) is given in full. */
export function ago(timestamp: string, now = Date.now()): string {
  const seconds = Math.round((now - new Date(timestamp).getTime()) / 1000);
  if (seconds < -60) return `on ${dateTime(timestamp)}`;
  if (seconds < 45) return 'just now';
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `${hours} h ago`;
  return `${Math.round(hours / 24)} days ago`;
}

const grouped = new Intl.NumberFormat('en-US');
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : grouped.format(value);
}

/** `1 table`, `3 tables`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `15.18 (Debian 15.18-1.pgdg12+1)` becomes `15.18`. */
export function shortVersion(version: string): string {
  return version.split(' ')[0] ?? version;
}

export function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}
