// A dump compared with the database that it was made of: whoever wrote it and however, nothing differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shopSql } from '../../../electron/engine/sample/shop.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { allDumps, clients, dump, richDatabase, run, type Client, type RichDumps } from '../dumps/rich-dumps.ts';
import { oddSchema } from './odd-schema.ts';
import { brief, compareWith } from './support.ts';

let rich: RichDumps;
let engine: TestEngine;
let shop: string;
beforeAll(async () => {
  engine = await makeEngine();
  rich = await richDatabase();
  await sql(rich.database, oddSchema);
  shop = await createDatabase(shopSql);
});
afterAll(async () => {
  await engine.close();
  await dropDatabase(shop);
  await rich.remove();
});

const own = (): Client => clients()[0] as Client;

async function expectSame(path: string, database: string, clientDirectory = ''): Promise<void> {
  const { fits, differences } = await compareWith(engine, { path, database, clientDirectory });
  expect
    .soft(
      differences.map((difference) => [brief(difference), difference.backup, difference.live]),
      path,
    )
    .toEqual([]);
  expect.soft(fits, path).toBe(true);
}

describe.each(clients())('written by pg_dump $major', (client) => {
  it('nothing differs, in any format', async () => {
    for (const { path } of allDumps(client, rich)) await expectSame(path, rich.database);
  }, 120_000);

  it('nor with another pg_dump on the other side', async () => {
    const path = dump(client, rich, `other-${client.major}`, ['-Fc']);
    for (const other of clients()) await expectSame(path, rich.database, other.bin);
  }, 120_000);

  it('nor does the sample shop, nor one schema, nor some tables of it', async () => {
    for (const [name, args] of [
      ['whole', ['-Fc']],
      ['tables', ['-Fc', '-t', 'orders', '-t', 'order_items']],
      ['data', ['-Fc', '-a']],
      ['plain-data', ['-Fp', '-a']],
      ['schema', ['-Fp', '-n', 'public']],
    ] as const) {
      const path = join(rich.folder, `shop-${name}-${client.major}`);
      run(client, 'pg_dump', [...args, '--file', path, '--dbname', shop]);
      await expectSame(path, shop);
    }
    for (const args of [['-t', 'app.customers'], ['-t', 'app.events*'], ['-n', 'app'], ['-a']]) {
      await expectSame(dump(client, rich, `some-${client.major}-${args.join('')}`, ['-Fc', ...args]), rich.database);
    }
  }, 120_000);
});

it('a script without comments is read by its statements', async () => {
  const path = dump(own(), rich, 'commented', ['-Fp']);
  const bare = `${path}-bare`;
  writeFileSync(
    bare,
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith('--'))
      .join('\n'),
  );
  await expectSame(bare, rich.database);
});
