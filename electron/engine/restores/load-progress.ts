// How far a pg_restore has come, from what it says with --verbose under LC_ALL=C. For people only: nothing is decided by it.
import type { Dump } from '../../../shared/contract/dumps.ts';

export type LoadProgress = { line: (text: string) => void };

/** Rows weigh what they take in the dump; indexes and constraints together a quarter of that. */
const afterDataShare = 0.25;

/** `tell`: told 0 to 1 and the table whose rows began last. */
export function loadProgress(dump: Dump, tell: (fraction: number, current: string | null) => void): LoadProgress {
  const sizes = new Map(
    dump.tables.filter((table) => table.hasData).map((table) => [`${table.schema}.${table.table}`, table.sizeBytes ?? 1]),
  );
  const dataTotal = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const later = dump.objects.filter((entry) => /CONSTRAINT|INDEX|TRIGGER/.test(entry.type)).length;
  let dataDone = 0;
  let laterDone = 0;
  let current: string | null = null;
  return {
    line: (text) => {
      const data = /processing data for table "(.*)"/.exec(text)?.[1];
      if (data !== undefined) {
        dataDone += sizes.get(data) ?? 0;
        sizes.delete(data);
        current = data;
      } else if (/creating (\w+ )*(CONSTRAINT|INDEX|TRIGGER)/.test(text)) laterDone += 1;
      else return;
      const inData = dataTotal === 0 ? 1 : dataDone / dataTotal;
      const inLater = later === 0 ? inData : Math.min(1, laterDone / later);
      tell(inData * (1 - afterDataShare) + inLater * afterDataShare, current);
    },
  };
}
