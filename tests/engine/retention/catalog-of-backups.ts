// A real catalog and real folders of backups, without a server: what deletions need.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { profileFields } from '../../../shared/contract/profiles.ts';
import { retentionRule, type RetentionRule } from '../../../shared/contract/retention.ts';
import { backupStore } from '../../../electron/engine/backups/store.ts';
import { openCatalog, type Sqlite } from '../../../electron/engine/catalog/open.ts';
import type { EngineContext } from '../../../electron/engine/context.ts';
import type { Told } from '../../../electron/engine/messages/told.ts';
import { createProfiles } from '../../../electron/engine/profiles/profiles.ts';
import { rulesStore } from '../../../electron/engine/retention/rules.ts';
import { readSettings } from '../../../electron/engine/settings/settings.ts';

export const now = Date.parse('2026-11-20T12:00:00Z');
export const day = 86_400_000;

export type TestContext = { context: EngineContext; catalog: Sqlite; told: Told[]; faults: string[]; close: () => void };

/** The parts of an engine that retention uses. */
export function openContext(home: string, clock: () => number = () => now): TestContext {
  const catalog = openCatalog(home);
  const told: Told[] = [];
  const faults: string[] = [];
  const ports = {
    clock,
    homeDirectory: home,
    log: { info: () => undefined, warn: () => undefined, error: (message: string) => void faults.push(message) },
  } as unknown as EngineContext['ports'];
  const context = {
    ports,
    catalog,
    settings: () => readSettings(catalog, home),
    profiles: createProfiles(catalog, ports),
    events: { emit: () => undefined },
    messages: { tell: (one: Told) => void told.push(one) },
  } as unknown as EngineContext;
  return { context, catalog, told, faults, close: () => catalog.close() };
}

export function addProfile(catalog: Sqlite, id: string, name = id): void {
  const fields = profileFields.parse({ name, host: 'localhost', user: 'u' });
  catalog
    .prepare("insert into profiles (id, name, fields, created_at, updated_at) values (?, ?, ?, '2026-01-01', '2026-01-01')")
    .run(id, name, JSON.stringify(fields));
}

export function addRule(catalog: Sqlite, scope: Parameters<ReturnType<typeof rulesStore>['set']>[0], change: Partial<RetentionRule>): void {
  rulesStore(catalog).set(scope, retentionRule.parse(change), new Date(now).toISOString());
}

export type Made = {
  id: string;
  daysAgo: number;
  profileId?: string;
  database?: string;
  verified?: boolean;
  pinned?: boolean;
  origin?: 'manual' | 'schedule' | 'safety';
  scheduleId?: string | null;
  files?: number;
  holds?: 'whole' | 'quick' | 'chosen';
  selection?: string;
};

const hashOfFiles = createHash('sha256').update('x'.repeat(50)).digest('hex');

/** A backup's row and its folder, as a real one leaves them. Gives the folder. */
export function addBackup(home: string, catalog: Sqlite, made: Made): string {
  const { id, daysAgo, profileId = 'pro_p', database = 'shop', verified = true, files = 2 } = made;
  const startedAt = new Date(now - daysAgo * day).toISOString();
  const directory = join(home, 'backups', profileId, database, `${startedAt.replaceAll(/[-:]|\.\d+/g, '')}_${id}`);
  mkdirSync(join(directory, 'data'), { recursive: true });
  const artifacts = Array.from({ length: files }, (_, index) => ({ name: `data/${index}.dat`, sizeBytes: 50, sha256: hashOfFiles }));
  for (const { name } of artifacts) writeFileSync(join(directory, name), 'x'.repeat(50));
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ id }));
  const store = backupStore(catalog);
  store.insert({
    id,
    jobId: null,
    database,
    profile: profileId,
    profileId,
    origin: made.origin ?? 'manual',
    label: '',
    startedAt,
    scheduleId: made.scheduleId ?? null,
  });
  store.succeed(id, {
    finishedAt: startedAt,
    durationMs: 1,
    sizeBytes: files * 50,
    directory,
    verification: { ok: verified, deep: false, at: startedAt, checks: [] },
    holds: made.holds ?? 'whole',
    selection: made.selection ?? '',
    artifacts,
    format: 'custom',
    compression: 'none',
    quick: false,
    serverVersion: '15',
    clientVersion: '15',
    tables: 1,
    rows: 1,
  });
  if (made.pinned === true) store.setPinned(id, true);
  return directory;
}

/** What is on disk: names of backup folders, each with how many files it holds. */
export function folders(home: string): Map<string, number> {
  const found = new Map<string, number>();
  const root = join(home, 'backups');
  if (!existsSync(root)) return found;
  for (const profile of readdirSync(root))
    for (const database of readdirSync(join(root, profile)))
      for (const folder of readdirSync(join(root, profile, database))) {
        const path = join(root, profile, database, folder);
        const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
        found.set(folder.replace(/^.*_bak_/, 'bak_'), files.length);
      }
  return found;
}

export const ids = (catalog: Sqlite): string[] =>
  catalog
    .prepare<[], { id: string }>('select id from backups order by id')
    .all()
    .map((row) => row.id);

/** `id state reason` of each. */
export const deletions = (catalog: Sqlite): string[] =>
  catalog
    .prepare<[], { backup_id: string; state: string; reason: string }>('select backup_id, state, reason from deletions order by backup_id')
    .all()
    .map((row) => `${row.backup_id} ${row.state} ${row.reason}`);

/** What a job is handed, its log kept. */
export function testJob(signal = new AbortController().signal) {
  const lines: string[] = [];
  return { lines, signal, progress: () => undefined, log: (level: string, text: string) => void lines.push(`${level} ${text}`) };
}

export const manifestOf = (directory: string): unknown => JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));

/** Eight of a rule that keeps the last two and what is a week old; one pinned, one not good, one of another profile. */
export function fillHome(home: string, files = 2): void {
  const { catalog, close } = openContext(home);
  addProfile(catalog, 'pro_p');
  addProfile(catalog, 'pro_q');
  addRule(catalog, { kind: 'profile', profileId: 'pro_p' }, { keepLast: 2, keepDays: 7 });
  for (const [index, daysAgo] of [1, 2, 3, 20, 30, 40, 50].entries()) addBackup(home, catalog, { id: `bak_a${index}`, daysAgo, files });
  addBackup(home, catalog, { id: 'bak_pinned', daysAgo: 60, pinned: true, files });
  addBackup(home, catalog, { id: 'bak_bad', daysAgo: 25, verified: false, files });
  addBackup(home, catalog, { id: 'bak_other', daysAgo: 70, profileId: 'pro_q', files });
  close();
}
/** What `fillHome` ends as. */
export const filledEnd = {
  ids: ['bak_a0', 'bak_a1', 'bak_a2', 'bak_other', 'bak_pinned'],
  deletions: [
    'bak_a3 removed not-wanted',
    'bak_a4 removed not-wanted',
    'bak_a5 removed not-wanted',
    'bak_a6 removed not-wanted',
    'bak_bad removed not-wanted',
  ],
};
