import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitSql, type SqlPiece, type SplitOptions } from '../../../electron/engine/dumps/sql-lexer.ts';
import { clients, dump, richDatabase, type Client, type RichDumps } from './rich-dumps.ts';

/** Simplified pieces: `copyData` joined, statements as text. */
async function split(
  script: string | Buffer,
  chunkBytes = 1 << 20,
  options: SplitOptions = {},
): Promise<(string | Record<string, unknown>)[]> {
  const bytes = typeof script === 'string' ? Buffer.from(script) : script;
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const found: (string | Record<string, unknown>)[] = [];
  let data = '';
  for await (const piece of splitSql(chunks(), options)) {
    if (piece.kind === 'statement') found.push(piece.text);
    else if (piece.kind === 'copyStart') found.push({ copy: piece.table, line: piece.line });
    else if (piece.kind === 'copyData') data += piece.chunk.toString();
    else if (piece.kind === 'copyEnd') {
      found.push({ data, rows: piece.rows });
      data = '';
    } else found.push({ meta: piece.command, argument: piece.argument, line: piece.line });
  }
  return found;
}

describe('statements', () => {
  it.each<[string, string, unknown[]]>([
    ['simple ones', 'SELECT 1; SELECT 2 ;\n', ['SELECT 1;', 'SELECT 2 ;']],
    ['quotes', `SELECT 'a;b'';c', "x;""y"; SELECT 2;`, [`SELECT 'a;b'';c', "x;""y";`, 'SELECT 2;']],
    ['a backslash in a standard string', String.raw`SELECT 'a\'; SELECT 2;`, [String.raw`SELECT 'a\';`, 'SELECT 2;']],
    ['escape strings', String.raw`SELECT E'a\';b', e'\\'; SELECT 2;`, [String.raw`SELECT E'a\';b', e'\\';`, 'SELECT 2;']],
    ['an escape string going on in the next line', `SELECT E'a'\n  '\\';b'; SELECT 2;`, [`SELECT E'a'\n  '\\';b';`, 'SELECT 2;']],
    ['an identifier that ends in e', String.raw`SELECT namE'a\'; SELECT 2;`, [String.raw`SELECT namE'a\';`, 'SELECT 2;']],
    [
      'strings with escapes by setting',
      String.raw`SET standard_conforming_strings = off; SELECT 'a\';b'; SET standard_conforming_strings TO on; SELECT '\'; SELECT 2;`,
      [
        'SET standard_conforming_strings = off;',
        String.raw`SELECT 'a\';b';`,
        'SET standard_conforming_strings TO on;',
        String.raw`SELECT '\';`,
        'SELECT 2;',
      ],
    ],
    ['dollar quotes', 'SELECT $$;$x$;$$, $tag$;$$;$tag$; SELECT 2;', ['SELECT $$;$x$;$$, $tag$;$$;$tag$;', 'SELECT 2;']],
    ['a dollar inside an identifier and a parameter', 'SELECT a$b$, $1; SELECT $2;', ['SELECT a$b$, $1;', 'SELECT $2;']],
    ['comments', '-- one;\nSELECT 1 -- two;\n; /* three; /* nested; */ ; */ SELECT 2;', ['SELECT 1 -- two;\n;', 'SELECT 2;']],
    [
      'parentheses',
      'CREATE RULE r AS ON DELETE TO t DO INSTEAD (SELECT 1; SELECT 2); SELECT 3;',
      ['CREATE RULE r AS ON DELETE TO t DO INSTEAD (SELECT 1; SELECT 2);', 'SELECT 3;'],
    ],
    [
      'SQL-standard bodies',
      'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3;',
      ['CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;', 'SELECT 3;'],
    ],
    [
      'a body behind a string prefix, which psql does not count as a word',
      "N'x' U&'y' CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END; SELECT 3;",
      ["N'x' U&'y' CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END;", 'SELECT 3;'],
    ],
    ['a transaction, which is no body', 'BEGIN; SELECT 1; END;', ['BEGIN;', 'SELECT 1;', 'END;']],
    ['Windows line ends and a byte order mark', '\uFEFFSELECT 1;\r\nSELECT\r\n2;\r\n', ['SELECT 1;', 'SELECT\r\n2;']],
    ['empty statements', ';; SELECT 1;;', ['SELECT 1;']],
    ['an unfinished last one', 'SELECT 1; SELECT 2\n', ['SELECT 1;', 'SELECT 2\n']],
  ])('are split: %s', async (_, script, expected) => {
    for (const size of [1 << 20, 1, 2, 3, 5]) expect(await split(script, size), `in pieces of ${size}`).toEqual(expected);
  });

  it('carry their line and whether they were terminated', async () => {
    const pieces: SqlPiece[] = [];
    for await (const piece of splitSql(
      (async function* () {
        yield Buffer.from('-- c\n\nSELECT 1;\nSELECT\n2');
      })(),
    ))
      pieces.push(piece);
    expect(pieces).toMatchObject([
      { line: 3, terminated: true },
      { line: 4, terminated: false },
    ]);
  });

  it('are decoded by the client encoding, and their bytes kept', async () => {
    const script = Buffer.concat([Buffer.from("SET client_encoding = 'LATIN1';\nSELECT '"), Buffer.from([0xe9]), Buffer.from("';\n")]);
    const pieces: SqlPiece[] = [];
    for await (const piece of splitSql(
      (async function* () {
        yield script;
      })(),
    ))
      pieces.push(piece);
    expect(pieces[1]).toMatchObject({ text: "SELECT 'é';", raw: Buffer.from([...Buffer.from("SELECT '"), 0xe9, ...Buffer.from("';")]) });
  });

  it.each(['SJIS', 'BIG5', 'GBK'])('are refused in %s, whose characters can hide a quote', async (encoding) => {
    await expect(split(`SET client_encoding = '${encoding}'; SELECT 1;`)).rejects.toMatchObject({ code: 'DUMP_NOT_RECOGNISED' });
  });

  it('may not be larger than the limit', async () => {
    await expect(split(`SELECT '${'x'.repeat(3000)}';`, 100, { largestStatementBytes: 1000 })).rejects.toMatchObject({
      code: 'DUMP_NOT_RECOGNISED',
    });
  });

  it.each([
    `SELECT 'a`,
    'SELECT "a',
    'SELECT $$a',
    '/* a',
    'SELECT (1;',
    'COPY t FROM stdin;\n',
    'COPY t FROM stdin;\n1\n2\n',
    'CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;',
    'SELECT 1;\0',
  ])('are found cut off or damaged: %j', async (script) => {
    for (const size of [1 << 20, 1]) await expect(split(script, size)).rejects.toMatchObject({ code: 'DUMP_INCOMPLETE' });
  });
});

describe('COPY data', () => {
  it.each<[string, string, unknown[]]>([
    [
      'to its end mark',
      'COPY public.t (a) FROM stdin;\n1\n\\N\n\\\\.\n\\.x\n\\.\nSELECT 1;',
      [{ copy: { schema: 'public', table: 't' }, line: 1 }, { data: '1\n\\N\n\\\\.\n\\.x\n', rows: 4 }, 'SELECT 1;'],
    ],
    [
      'with Windows line ends',
      'COPY t FROM stdin;\r\n1\r\n\\.\r\nSELECT 1;',
      [{ copy: { schema: '', table: 't' }, line: 1 }, { data: '1\r\n', rows: 1 }, 'SELECT 1;'],
    ],
    [
      'of no rows',
      'COPY "a.b"."c d" ("x)", y) FROM STDIN WITH (FORMAT csv);\n\\.\n',
      [
        { copy: { schema: 'a.b', table: 'c d' }, line: 1 },
        { data: '', rows: 0 },
      ],
    ],
    [
      'at the end of the script',
      'COPY t FROM stdin;\n1\n\\.',
      [
        { copy: { schema: '', table: 't' }, line: 1 },
        { data: '1\n', rows: 1 },
      ],
    ],
    [
      'that looks like commands and quotes',
      "COPY t FROM stdin; -- now\n'\n\\! ls\n$$\n/*\n\\.\nSELECT 1;",
      [{ copy: { schema: '', table: 't' }, line: 1 }, { data: "'\n\\! ls\n$$\n/*\n", rows: 4 }, 'SELECT 1;'],
    ],
    ['but not COPY to standard output', 'COPY t TO stdout;\nSELECT 1;', ['COPY t TO stdout;', 'SELECT 1;']],
  ])('is passed on %s', async (_, script, expected) => {
    for (const size of [1 << 20, 1, 2, 3, 5]) expect(await split(script, size), `in pieces of ${size}`).toEqual(expected);
  });

  it('is refused with anything behind its statement in one line', async () => {
    await expect(split('COPY t FROM stdin; \\! ls\n1\n\\.\n')).rejects.toMatchObject({ code: 'DUMP_NOT_RECOGNISED' });
  });
});

describe('backslash commands', () => {
  it.each<[string, string, unknown[]]>([
    ['at the start of a line', '\\connect "a b"\nSELECT 1;', [{ meta: 'connect', argument: '"a b"', line: 1 }, 'SELECT 1;']],
    [
      'in the middle of a line',
      'SELECT 1; \\! rm -rf /\nSELECT 2;',
      ['SELECT 1;', { meta: '!', argument: 'rm -rf /', line: 1 }, 'SELECT 2;'],
    ],
    ['inside a statement', 'SELECT 1\n  \\g |cat\n+ 1;', [{ meta: 'g', argument: '|cat', line: 2 }, 'SELECT 1\n         \n+ 1;']],
    ['inside parentheses', 'SELECT (\\! ls\n1);', [{ meta: '!', argument: 'ls', line: 1 }, 'SELECT (     \n1);']],
    ['behind a carriage return that ends a comment', '-- x\r\\! ls\nSELECT 1;', [{ meta: '!', argument: 'ls', line: 1 }, 'SELECT 1;']],
    ['at the end without a line break', 'SELECT 1;\n\\q', ['SELECT 1;', { meta: 'q', argument: '', line: 2 }]],
    [
      'but not in quotes, comments and bodies',
      'SELECT \'\\! a\', "\\! b", $$\\! c$$; -- \\! d\n/* \\! e */ SELECT 1;',
      ['SELECT \'\\! a\', "\\! b", $$\\! c$$;', 'SELECT 1;'],
    ],
    [
      'after the data of a COPY',
      'COPY t FROM stdin;\n\\.\n\\! ls\n',
      [
        { copy: { schema: '', table: 't' }, line: 1 },
        { data: '', rows: 0 },
        { meta: '!', argument: 'ls', line: 3 },
      ],
    ],
  ])('are found %s', async (_, script, expected) => {
    for (const size of [1 << 20, 1, 2, 3, 5]) expect(await split(script, size), `in pieces of ${size}`).toEqual(expected);
  });
});

describe('real dumps', () => {
  let rich: RichDumps;
  beforeAll(async () => {
    rich = await richDatabase();
  });
  afterAll(() => rich.remove());

  it.each(clients())('of client $major read the same in chunks of any size', async (client) => {
    for (const [form, args] of [
      ['sql', []],
      ['inserts', ['--inserts']],
      ['many', ['--rows-per-insert=7']],
    ] as const) {
      const script = readFileSync(dump(client, rich, `lexer-${form}`, ['-Fp', ...args]));
      const whole = await split(script);
      expect(whole.length).toBeGreaterThan(100);
      for (const size of [65_536, 1021]) expect(await split(script, size)).toEqual(whole);
    }
  });

  it('put together from their pieces restore what was dumped', async () => {
    const [client] = clients() as [Client];
    const script = readFileSync(dump(client, rich, 'pieces.sql', ['-Fp', '--inserts']));
    const statements = (await split(script)).filter((piece) => typeof piece === 'string');
    const written = execFileSync('sh', ['-c', 'grep -c "^INSERT INTO" "$1"', 'sh', `${rich.folder}/pieces.sql`], { encoding: 'utf8' });
    expect(statements.filter((text) => text.startsWith('INSERT INTO')).length).toBe(Number(written));
  });
});

it('passes COPY data on at a good speed', async () => {
  const row = Buffer.from(`${'some text\t'.repeat(8)}\\N\n`);
  const chunk = Buffer.concat(Array.from({ length: 3000 }, () => row));
  let bytes = 0;
  async function* chunks(): AsyncGenerator<Buffer> {
    yield Buffer.from('COPY t FROM stdin;\n');
    for (let i = 0; i < 800; i++) yield chunk;
    yield Buffer.from('\\.\n');
  }
  const start = performance.now();
  for await (const piece of splitSql(chunks())) if (piece.kind === 'copyData') bytes += piece.chunk.length;
  const perSecond = bytes / ((performance.now() - start) / 1000);
  expect(bytes).toBe(chunk.length * 800);
  // Measured at several hundred MB/s; a machine that is busy with other tests gets a wide margin.
  expect(perSecond).toBeGreaterThan(60e6);
});
