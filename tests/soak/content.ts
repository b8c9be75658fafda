// What a database holds, as the soak remembers it: tables of every shape from the property tests' generator, and the ledger.
import { firstState, laterState } from '../engine/previews/generate.ts';
import { makeTables, type WideTable } from '../engine/previews/generate-tables.ts';
import type { State } from '../engine/previews/shapes.ts';
import { asTexts } from '../engine/previews/statements.ts';
import { types } from '../engine/previews/values.ts';
import { firstLedger, laterLedger, sameLedger, type Ledger } from './ledger.ts';
import type { SeededDraw } from './random.ts';

export const thingsSchema = 'things';

/** Never changed once made: backups and undo remember them. */
export type Content = {
  /** Which tables: contents of one generation can be compared row by row. */
  generation: number;
  wide: WideTable[];
  things: State;
  ledger: Ledger;
};

/** New tables with rows. `has`: the types' needs that the server has. */
export function freshContent(draw: SeededDraw, has: ReadonlySet<string>, generation: number): Content {
  const available = Object.entries(types).flatMap(([name, { needs }]) => (needs === undefined || has.has(needs) ? [name] : []));
  // The tables stay as they are from the backup on: what becomes of rows is the soak's matter, not of definitions.
  const wide = makeTables(draw, available).map((table) => ({ ...table, all: table.live.columns, backup: table.live }));
  return { generation, wide, things: firstState(draw, wide), ledger: firstLedger(draw) };
}

/** Some time later. */
export function laterContent(draw: SeededDraw, before: Content): Content {
  const which = draw.upTo(3);
  return {
    ...before,
    things: which === 0 ? before.things : laterState(draw, before.wide, before.things.rows),
    ledger: which === 1 ? before.ledger : laterLedger(draw, before.ledger),
  };
}

/** Names of the tables in `things` whose rows differ. */
export function changedThings(one: Content, other: Content): string[] {
  return one.things.tables
    .filter((table) => {
      const texts = (content: Content): string => asTexts(table, content.things.rows[table.name] ?? []).join('\n');
      return texts(one) !== texts(other);
    })
    .map((table) => table.name);
}

export const sameContent = (one: Content, other: Content): boolean =>
  one.generation === other.generation && sameLedger(one.ledger, other.ledger) && changedThings(one, other).length === 0;

/** Where the first difference is, for people. */
export function differenceOf(expected: Content, found: Content): string {
  if (expected.generation !== found.generation) return 'other tables';
  for (const table of expected.things.tables) {
    const wanted = asTexts(table, expected.things.rows[table.name] ?? []);
    const there = asTexts(table, found.things.rows[table.name] ?? []);
    const lacks = wanted.find((row, at) => there[at] !== row);
    const extra = there.find((row, at) => wanted[at] !== row);
    if (lacks !== undefined || extra !== undefined) {
      return `${table.name}: ${wanted.length} rows expected, ${there.length} found; expected ${lacks ?? 'nothing'}, found ${extra ?? 'nothing'}`;
    }
  }
  const ids = [...new Set([...expected.ledger.keys(), ...found.ledger.keys()])];
  const at = ids.find((id) => JSON.stringify(expected.ledger.get(id)) !== JSON.stringify(found.ledger.get(id)));
  if (at === undefined) return 'none';
  const shown = (ledger: Ledger): string => JSON.stringify(ledger.get(at) ?? null);
  return `ledger: ${expected.ledger.size} rows expected, ${found.ledger.size} found; id ${at}: expected ${shown(expected.ledger)}, found ${shown(found.ledger)}`;
}
