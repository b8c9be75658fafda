// What differs between two schemas, each with the statement that mends it, in an order in which these can be run.
import { comparison } from './comparison.ts';
import { compareDefinitions } from './definition-differences.ts';
import type { Scope } from './scope.ts';
import { dropFirst, dropLast, type Found } from './found.ts';
import type { SchemaModel } from './model.ts';
import { compareTables } from './table-differences.ts';

export type { Found } from './found.ts';

/** Differences of everything but extensions and roles. */
export function differencesBetween(backup: SchemaModel, live: SchemaModel, scope: Scope): Found[] {
  const found: Found[] = [];
  const compare = comparison(backup, live);
  compareTables(backup, live, scope, compare, found);
  compareDefinitions(backup, live, scope, compare, found);
  return found.sort((a, b) => a.step - b.step || (a.step === dropFirst || a.step === dropLast ? b.order - a.order : a.order - b.order));
}
