import { describe, expect, test } from 'vitest';
import { backupOptions, type BackupOptions } from '../../../shared/contract/backups.ts';
import { resolveCompression, type CompressionAbilities } from '../../../electron/engine/backups/compression.ts';
import { parseLog } from '../../../electron/engine/backups/index.ts';
import { folderName, slug } from '../../../electron/engine/backups/names.ts';
import { makePlan, type PlanFacts } from '../../../electron/engine/backups/plan.ts';
import { exactPattern, patternToRegex } from '../../../electron/engine/backups/table-patterns.ts';

const old: CompressionAbilities = { clientMajor: 15, clientMethods: ['gzip'], outerZstd: true };
const bare: CompressionAbilities = { ...old, outerZstd: false };
const modern: CompressionAbilities = { clientMajor: 17, clientMethods: ['gzip', 'lz4', 'zstd'], outerZstd: true };

describe('auto', () => {
  test('an older client: custom, compressed by zstd on its way to disk', () => {
    expect(resolveCompression('auto', undefined, old)).toEqual({
      format: 'custom',
      compression: { method: 'zstd', level: 1, by: 'outer' },
    });
  });
  test('no zstd at all: pg_dump as it comes', () => {
    expect(resolveCompression('auto', undefined, bare)).toEqual({
      format: 'custom',
      compression: { method: 'gzip', level: null, by: 'pg_dump' },
    });
  });
  test('a newer client: parallel directory with its own zstd', () => {
    expect(resolveCompression('auto', undefined, modern)).toEqual({
      format: 'directory',
      compression: { method: 'zstd', level: 1, by: 'pg_dump' },
    });
  });
  test('a format that was asked for stays', () => {
    for (const format of ['tar', 'plain'] as const) {
      expect(resolveCompression('auto', format, modern)).toEqual({ format, compression: { method: 'none', level: null, by: 'nobody' } });
    }
    expect(resolveCompression('auto', 'custom', old).compression).toEqual({ method: 'gzip', level: null, by: 'pg_dump' });
    expect(resolveCompression('auto', 'directory', old).compression).toEqual({ method: 'gzip', level: null, by: 'pg_dump' });
    expect(resolveCompression('auto', 'custom', modern).compression).toEqual({ method: 'zstd', level: 1, by: 'pg_dump' });
  });
});

describe('compression that was asked for', () => {
  test.each([
    ['lz4', 'custom', old],
    ['lz4:3', 'tar', modern],
    ['zstd', 'directory', old],
    ['zstd:5', 'custom', bare],
    ['gzip:10', 'custom', old],
    ['zstd:23', 'custom', modern],
    ['lz4:13', 'custom', modern],
  ] as const)('%s in %s is refused with a next step', (wanted, format, able) => {
    expect(() => resolveCompression(wanted, format, able)).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', hint: expect.stringMatching(/\w/) }),
    );
  });
  test('none', () => {
    expect(resolveCompression('none', 'custom', old).compression.by).toBe('nobody');
  });
});

const facts = (over: Partial<PlanFacts> = {}): PlanFacts => ({
  server: {
    version: '15.1',
    major: 15,
    user: 'ann',
    standby: false,
    database: { name: 'shop', encoding: 'UTF8', collate: 'C', ctype: 'C', localeProvider: 'libc', locale: null },
    relations: [
      { schema: 'public', table: 'a', oid: 1, kind: 'r', sizeBytes: 100, readable: true, rowsHidden: false },
      { schema: 'public', table: 'logs', oid: 2, kind: 'r', sizeBytes: 900, readable: true, rowsHidden: false },
      { schema: 's', table: 'We"ird', oid: 3, kind: 'r', sizeBytes: 7, readable: false, rowsHidden: false },
    ],
  },
  client: { directory: '/bin', version: '15.1', major: 15, programs: ['pg_dump', 'pg_restore'], source: 'path' },
  abilities: old,
  quickPatterns: ['*logs'],
  excluded: [],
  processors: 2,
  freeBytes: null,
  ...over,
});
const options = (change: Partial<BackupOptions> = {}): BackupOptions => backupOptions.parse(change);

describe('plan', () => {
  test('nothing of the connection stands in the arguments', () => {
    const { args } = makePlan(options(), facts());
    expect(args).toEqual(['--format=custom', '--compress=0', '--verbose', '--no-sync', '--no-password', '--exclude-schema=howdah_stage_*']);
  });
  test('quick leaves out rows, says which, and counts them out of the estimate', () => {
    const plan = makePlan(options({ quick: true }), facts({ excluded: [{ schema: 'public', table: 'logs' }] }));
    expect(plan.args).toContain('--exclude-table-data=*logs');
    expect(plan.excluded).toEqual([{ schema: 'public', table: 'logs' }]);
    expect(plan.estimatedBytes).toBe(107);
    expect(plan.warnings.map((warning) => warning.code)).toContain('QUICK');
  });
  test('chosen tables are exact names', () => {
    const plan = makePlan(options({ tables: [{ schema: 's', table: 'We"ird' }] }), facts());
    expect(plan.args).toContain('--table="s"."We""ird"');
    expect(plan.args).toContain('--strict-names');
    expect(plan.tables.map((table) => table.oid)).toEqual([3]);
    expect(plan.unreadable).toEqual([{ schema: 's', table: 'We"ird' }]);
  });
  test('a table that is not there is named', () => {
    expect(() => makePlan(options({ tables: [{ schema: 'public', table: 'A' }] }), facts())).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', message: expect.stringContaining('public.A') }),
    );
    expect(() => makePlan(options({ schemas: ['nope'] }), facts())).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });
  test('schemas and tables together, or workers for one file, are refused', () => {
    expect(() => makePlan(options({ schemas: ['s'], tables: [{ schema: 'public', table: 'a' }] }), facts())).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT' }),
    );
    expect(() => makePlan(options({ format: 'custom', jobs: 4 }), facts())).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
  test('little space and a newer client are said beforehand', () => {
    const client = { directory: '/bin', version: '18.1', major: 18, programs: ['pg_dump' as const], source: 'path' as const };
    const codes = makePlan(options({ compression: 'none' }), facts({ freeBytes: 500, client, abilities: modern })).warnings.map(
      (warning) => warning.code,
    );
    expect(codes).toEqual(expect.arrayContaining(['LOW_SPACE', 'NEWER_CLIENT', 'PERMISSION_DENIED']));
  });
});

describe('patterns', () => {
  test.each([
    ['logs', { schema: null, name: '^(logs)$' }],
    ['LOGS', { schema: null, name: '^(logs)$' }],
    ['"LOGS"', { schema: null, name: '^(LOGS)$' }],
    ['audit_*.log?', { schema: '^(audit_.*)$', name: '^(log.)$' }],
    ['"a.b"."c*d"', { schema: '^(a\\.b)$', name: '^(c\\*d)$' }],
    ['"say ""hi"""', { schema: null, name: '^(say "hi")$' }],
    ['a$b', { schema: null, name: '^(a\\$b)$' }],
  ])('%s', (pattern, regex) => {
    expect(patternToRegex(pattern)).toEqual(regex);
  });
  test('three parts are refused', () => {
    expect(() => patternToRegex('a.b.c')).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
  test('an exact name survives as itself', () => {
    expect(patternToRegex(exactPattern({ schema: 'S.1', table: 'x*"y' }))).toEqual({ schema: '^(S\\.1)$', name: '^(x\\*"y)$' });
  });
});

describe('names', () => {
  test.each([
    ['Shop', 'Shop'],
    ['host=x dbname=y', 'host-x-dbname-y'],
    ['../../etc', 'etc'],
    ['Größe', 'Große'.normalize('NFKD').replace('ß', '-')],
    ['🐘', 'unnamed'],
    ['con', '_con'],
    ['x'.repeat(63), 'x'.repeat(40)],
  ])('%s', (name, folder) => {
    expect(slug(name)).toBe(folder);
  });
  test('a folder is unique by its id', () => {
    expect(folderName('2026-11-20T22:27:05.123Z', 'bak_x')).toBe('20261120T222705Z_bak_x');
  });
});

test('a log file reads back as its lines', () => {
  expect(parseLog('2026-11-20T22:27:05.123Z info    one\n2026-11-20T22:27:06.000Z error   two\nmore of two\n')).toEqual([
    { sequence: 1, at: '2026-11-20T22:27:05.123Z', level: 'info', text: 'one' },
    { sequence: 2, at: '2026-11-20T22:27:06.000Z', level: 'error', text: 'two\nmore of two' },
  ]);
});
