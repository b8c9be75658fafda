// The page's place in the address: `month-2026-11-21`, or a run's id over whatever is behind it.
export const views = ['month', 'week', 'day', 'list', 'year', 'load'] as const;
export type View = (typeof views)[number];

export type Place = { kind: 'view'; view: View; day: string } | { kind: 'run'; id: string } | { kind: 'none' };

export function placeOf(id: string | null): Place {
  if (id === null) return { kind: 'none' };
  if (id.startsWith('run_')) return { kind: 'run', id };
  const found = /^([a-z]+)-(\d{4}-\d\d-\d\d)$/.exec(id);
  const view = views.find((one) => one === found?.[1]);
  const day = found?.[2];
  if (view === undefined || day === undefined || Number.isNaN(Date.parse(day))) return { kind: 'none' };
  return { kind: 'view', view, day };
}

export function placeId(view: View, day: string): string {
  return `${view}-${day}`;
}
