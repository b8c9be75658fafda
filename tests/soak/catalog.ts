// Rows of the catalog as they stand on disk, whatever the engine says of them.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { World } from './world.ts';

export function catalogRows<Row>(world: Pick<World, 'home'>, text: string, ...values: unknown[]): Row[] {
  const catalog = new Database(join(world.home, 'catalog.sqlite'), { readonly: true });
  try {
    return catalog.prepare<unknown[], Row>(text).all(...values);
  } finally {
    catalog.close();
  }
}
