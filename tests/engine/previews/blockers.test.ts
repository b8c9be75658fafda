// docs/preview.md, "What blocks": which rule of the live database stands in the way of which strategy.
import { expect, it } from 'vitest';
import { strategies, type Strategy } from '../../../shared/contract/previews.ts';
import { createRole, sql } from '../../support/server.ts';
import { testBlockers, type Blocking } from './blocking.ts';
import { groundForFile, previewSituations } from './situations.ts';

const ground = groundForFile();
const plain = (rows: string): string =>
  `CREATE TABLE t (id int PRIMARY KEY, v text); ${rows === '' ? '' : `INSERT INTO t VALUES ${rows};`}`;
const all: readonly Strategy[] = strategies;
const lines: Blocking[] = [
  { code: 'TABLE_MISSING', name: 'no such table', backup: plain("(1, 'a')"), live: 'CREATE TABLE other (id int)', blocks: all },
  {
    code: 'NOT_A_TABLE',
    name: 'a view there',
    backup: plain("(1, 'a')"),
    live: 'CREATE VIEW t AS SELECT 1 AS id, NULL::text AS v',
    blocks: all,
  },
  {
    code: 'NOT_A_TABLE',
    name: 'a materialized view there',
    backup: plain("(1, 'a')"),
    live: 'CREATE MATERIALIZED VIEW t AS SELECT 1 AS id, NULL::text AS v',
    blocks: all,
  },
  {
    code: 'KEY_NOT_UNIQUE',
    name: 'the named key comes twice in the backup',
    backup: 'CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 1), (1, 2)',
    live: 'CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 1)',
    keys: { t: ['a'] },
    blocks: all,
  },
  {
    code: 'KEY_NOT_UNIQUE',
    name: 'the named key is NULL in the live table',
    backup: 'CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 1)',
    live: 'CREATE TABLE t (a int, b int); INSERT INTO t VALUES (NULL, 1)',
    keys: { t: ['a'] },
    blocks: all,
  },
  {
    code: 'NULLS_NOT_ALLOWED',
    name: 'a NULL in a new row',
    backup: plain('(1, NULL)'),
    live: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)',
    blocks: all,
  },
  {
    code: 'NULLS_NOT_ALLOWED',
    name: 'a NULL over a live value: only replace would write it',
    backup: plain('(1, NULL)'),
    live: "CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL); INSERT INTO t VALUES (1, 'a')",
    blocks: ['replace'],
  },
  {
    code: 'NULLS_NOT_ALLOWED',
    name: 'a live column without a default in new rows',
    backup: plain("(1, 'a')"),
    live: 'CREATE TABLE t (id int PRIMARY KEY, v text, extra int NOT NULL)',
    blocks: all,
  },
  {
    code: 'CHECK_FAILS',
    name: 'a new row that breaks a check',
    backup: plain("(1, 'bad')"),
    live: "CREATE TABLE t (id int PRIMARY KEY, v text CHECK (v <> 'bad'))",
    blocks: all,
  },
  {
    code: 'CHECK_FAILS',
    name: 'a check that only the filled row breaks',
    backup: 'CREATE TABLE t (id int PRIMARY KEY, a int, b int, CHECK (a IS NULL OR b IS NULL)); INSERT INTO t VALUES (1, 1, NULL)',
    live: 'CREATE TABLE t (id int PRIMARY KEY, a int, b int, CHECK (a IS NULL OR b IS NULL)); INSERT INTO t VALUES (1, NULL, 2)',
    blocks: ['merge'],
  },
  {
    code: 'NO_PARTITION',
    name: 'no partition takes the row',
    backup:
      'CREATE TABLE t (id int PRIMARY KEY) PARTITION BY LIST (id); CREATE TABLE p PARTITION OF t DEFAULT; INSERT INTO t VALUES (1), (2)',
    live: 'CREATE TABLE t (id int PRIMARY KEY) PARTITION BY LIST (id); CREATE TABLE p PARTITION OF t FOR VALUES IN (1)',
    blocks: all,
  },
  {
    code: 'MISSING_REFERENCE',
    name: 'new rows that refer to rows that are not there',
    backup:
      'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p); INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1)',
    live: 'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p)',
    tables: ['t'],
    blocks: all,
  },
  {
    code: 'MISSING_REFERENCE',
    name: 'MATCH FULL, half NULL',
    backup:
      'CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int); INSERT INTO t VALUES (1, 1, NULL)',
    live: 'CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES p MATCH FULL)',
    blocks: all,
  },
  {
    code: 'ROWS_IN_THE_WAY',
    name: 'rows that go, while another table refers to them',
    backup: 'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (t int REFERENCES t)',
    live: 'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (t int REFERENCES t); INSERT INTO t VALUES (1); INSERT INTO c VALUES (1)',
    tables: ['t'],
    blocks: ['replace'],
  },
  {
    code: 'ROWS_IN_THE_WAY',
    name: 'rows that ON DELETE CASCADE would take along',
    backup: 'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (t int REFERENCES t ON DELETE CASCADE)',
    live: 'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (t int REFERENCES t ON DELETE CASCADE); INSERT INTO t VALUES (1); INSERT INTO c VALUES (1)',
    tables: ['t'],
    blocks: ['replace'],
  },
  {
    code: 'ROWS_IN_THE_WAY',
    name: 'rows that get another key, while others refer to it',
    backup: "CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE); INSERT INTO t VALUES (1, 'new')",
    live: "CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE); CREATE TABLE c (code text REFERENCES t (code) ON UPDATE CASCADE); INSERT INTO t VALUES (1, 'old'); INSERT INTO c VALUES ('old')",
    blocks: ['replace'],
  },
  {
    code: 'UNIQUE_CLASH',
    name: 'rows of the backup that clash with each other',
    backup: plain("(1, 'x'), (2, 'x')"),
    live: 'CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE)',
    blocks: ['replace'],
  },
  {
    code: 'UNIQUE_SWAP',
    name: 'values exchanged, with an action on delete',
    backup:
      "CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE); CREATE TABLE c (t int REFERENCES t ON DELETE CASCADE); INSERT INTO t VALUES (1, 'a'), (2, 'b'); INSERT INTO c VALUES (1)",
    live: "CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE); CREATE TABLE c (t int REFERENCES t ON DELETE CASCADE); INSERT INTO t VALUES (1, 'b'), (2, 'a'); INSERT INTO c VALUES (1)",
    blocks: ['replace'],
  },
  {
    code: 'RULES',
    name: 'a rule that turns inserts into something else',
    backup: plain("(1, 'a')"),
    live: `${plain('')} CREATE TABLE log (id int); CREATE RULE r AS ON INSERT TO t DO INSTEAD INSERT INTO log VALUES (new.id)`,
    blocks: all,
  },
  {
    code: 'LARGE_OBJECTS',
    name: 'rows that point to large objects',
    backup: "CREATE TABLE t (id int PRIMARY KEY, v oid); INSERT INTO t VALUES (1, lo_from_bytea(4711, 'x'))",
    live: 'CREATE TABLE t (id int PRIMARY KEY, v oid)',
    blocks: all,
  },
];

testBlockers(lines);

it('a table that is left blocks nothing, whatever it refers to', async () => {
  const found = await previewSituations(ground(), {
    left: {
      backup:
        'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, NULL)',
      live: 'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL);',
    },
  });
  try {
    const { schema, blockers, rows } = found.of('left');
    expect(blockers('replace')).toEqual(['NULLS_NOT_ALLOWED']);
    expect(await found.carryOut({ strategy: 'replace', tableStrategies: [{ schema, table: 't', strategy: 'leave' }] })).toBeNull();
    expect([await rows('p'), await rows('t')]).toEqual([[{ id: 1 }], []]);
  } finally {
    await found.remove();
  }
});

it('NO_PRIVILEGE and ROW_SECURITY block: what the role may not do or see', async () => {
  const { engine } = ground();
  const role = await createRole();
  const name = `"${role.user}"`;
  const profile = await engine.addProfile({ user: role.user, database: 'postgres' }, role.password);
  const setup = `DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ${name}', current_database()); END $$;`;
  const usage = `DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${name}', current_schema()); END $$;`;
  const found = await previewSituations(
    { engine, profileId: profile.id },
    {
      privilege: { backup: plain("(2, 'b')"), live: `${plain("(1, 'a')")} ${usage} GRANT SELECT, INSERT, UPDATE ON t TO ${name}` },
      security: {
        backup: plain("(2, 'b')"),
        live: `${plain("(1, 'a')")} ${usage} GRANT ALL ON t TO ${name}; ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (id > 1)`,
      },
    },
    setup,
  );
  try {
    const told = (situation: string) => all.map((strategy) => [strategy, found.of(situation).blockers(strategy)]);
    expect(told('privilege')).toEqual([
      ['replace', ['NO_PRIVILEGE']],
      ['merge', []],
      ['skip', []],
    ]);
    expect(told('security')).toEqual(all.map((strategy) => [strategy, ['ROW_SECURITY']]));
  } finally {
    await found.remove();
    await sql('postgres', `DROP ROLE ${name}`);
  }
});
