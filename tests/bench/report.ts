import { median } from './measure.ts';

export type Row = { what: string; stock: string; howdah: string; ratio: string; reach: string };

/** What is printed at the end. */
export const table: Row[] = [];

/** Medians of seconds side by side, and their ratio. */
export function add(what: string, stock: number[], howdah: number[], reach: string): void {
  const [a, b] = [median(stock), median(howdah)];
  table.push({ what, stock: `${a.toFixed(1)} s`, howdah: `${b.toFixed(1)} s`, ratio: (b / a).toFixed(2), reach });
}
