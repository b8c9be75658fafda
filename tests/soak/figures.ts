// What has been done, for the last line.

const names = [
  'steps',
  'backups',
  'verifications',
  'restores',
  'merges',
  'undos',
  'previews',
  'kills',
  'cancels',
  'crashes',
  'stale',
  'blocked',
  'ticks',
  'deletions',
  'faults',
] as const;

export type Figures = Record<(typeof names)[number], number>;

export const noFigures = (): Figures => Object.fromEntries(names.map((name) => [name, 0])) as Figures;

export const sumOf = (all: Figures[]): Figures => {
  const sum = noFigures();
  for (const one of all) for (const name of names) sum[name] += one[name];
  return sum;
};

/** `soak: 3m, seed 42, servers 15 18: 812 steps, 96 backups, …, 0 faults` */
export function lastLine(duration: string, seed: number, majors: number[], figures: Figures): string {
  return `soak: ${duration}, seed ${seed}, servers ${majors.join(' ')}: ${names.map((name) => `${figures[name]} ${name}`).join(', ')}`;
}
