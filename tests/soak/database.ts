// A remembered content and a real database: making one of the other, changing it, and reading it back.
import pg from 'pg';
import { inSchema, readState, rowsSql, stateSql } from '../engine/previews/statements.ts';
import { typesSql } from '../engine/previews/values.ts';
import { changedThings, thingsSchema, type Content } from './content.ts';
import { ledgerChanges, ledgerSql, type Entry, type Ledger } from './ledger.ts';
import type { SoakServer } from './server.ts';

const nothing: Ledger = new Map();

export async function createFrom(server: SoakServer, name: string, content: Content): Promise<void> {
  await server.session('postgres', (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE template0`));
  await server.session(name, async (client) => {
    await client.query(typesSql(server.needs));
    await client.query(stateSql(thingsSchema, content.things));
    await client.query(ledgerSql);
    for (const { text, values } of ledgerChanges(nothing, content.ledger)) await client.query(text, values);
  });
}

export async function dropDatabase(server: SoakServer, name: string): Promise<void> {
  await server.session('postgres', (client) => client.query(`DROP DATABASE ${pg.escapeIdentifier(name)} WITH (FORCE)`));
}

/** Brings a database from one content to a later one, in one transaction. */
export async function change(server: SoakServer, name: string, before: Content, after: Content): Promise<void> {
  await server.session(name, async (client) => {
    await client.query('BEGIN');
    // Each state keeps its foreign keys; on the way they need not hold.
    await client.query('SET LOCAL session_replication_role = replica');
    for (const table of after.things.tables.filter((one) => changedThings(before, after).includes(one.name))) {
      await client.query(`DELETE FROM ${inSchema(thingsSchema, table.name)}`);
      const rows = rowsSql(thingsSchema, table, after.things.rows[table.name] ?? []);
      if (rows !== '') await client.query(rows);
    }
    for (const { text, values } of ledgerChanges(before.ledger, after.ledger)) await client.query(text, values);
    await client.query('COMMIT');
  });
}

/** What it holds now, read as tables of that shape. Errors: those of the server where they are not there. */
export async function readContent(server: SoakServer, name: string, shape: Content): Promise<Content> {
  return await server.session(name, async (client) => ({
    ...shape,
    things: { tables: shape.things.tables, rows: await readState(client, thingsSchema, shape.things.tables) },
    ledger: await readLedger(client),
  }));
}

export const readLedgerOf = (server: SoakServer, name: string): Promise<Ledger> => server.session(name, readLedger);

async function readLedger(client: pg.Client): Promise<Ledger> {
  const { rows } = await client.query<Entry & { id: number }>('SELECT id, label, note FROM public.ledger ORDER BY id');
  return new Map(rows.map(({ id, label, note }) => [id, { label, note }]));
}
