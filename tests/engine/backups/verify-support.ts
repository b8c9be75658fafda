// A database of two tables, an engine with a profile of it, and what a verification says.
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { SucceededBackup, Verification } from '../../../shared/contract/backups.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createDatabase, dropDatabase, sql, testServer } from '../../support/server.ts';

export type Ground = { engine: TestEngine; profileId: string; database: string };

/** For all tests of a file; no fault may have been met at their end. */
export function verifyGround(): Ground {
  const ground = {} as Ground;
  beforeAll(async () => {
    ground.database = await createDatabase(
      'create table t (id int primary key, x text); insert into t select i, md5(i::text) from generate_series(1, 5000) i; create table log (id int); insert into log values (1)',
    );
    ground.engine = await makeEngine();
    ground.profileId = (await ground.engine.addProfile({ database: ground.database, clientDirectory: testServer().binDirectory })).id;
  });
  afterAll(async () => {
    expect(ground.engine.faults).toEqual([]);
    await ground.engine.close();
    await dropDatabase(ground.database);
  });
  return ground;
}

export async function verify(of: TestEngine, source: { kind: 'backup' | 'file'; id: string }, deep = false): Promise<Verification> {
  const { jobId } = await of.client.backups.verify({ source, deep });
  const job = await of.ended(jobId);
  if (job.status !== 'succeeded') throw new Error(JSON.stringify(job));
  return job.result as Verification;
}

export const bad = (verification: Verification): string[] => verification.checks.filter((check) => !check.ok).map((check) => check.name);
export const throwAways = () =>
  sql<{ datname: string }>('postgres', "select datname from pg_database where datname like 'howdah\\_tmp\\_%'");

export function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(path, bytes);
}

/** Looks at a backup whose folder is spoilt, and puts the folder back as it was: one backup serves many looks. */
export async function whileSpoilt<T>(backup: SucceededBackup, spoil: () => void, look: () => Promise<T>): Promise<T> {
  const whole = `${backup.directory}.whole`;
  cpSync(backup.directory, whole, { recursive: true, preserveTimestamps: true });
  try {
    spoil();
    return await look();
  } finally {
    rmSync(backup.directory, { recursive: true, force: true });
    cpSync(whole, backup.directory, { recursive: true, preserveTimestamps: true });
    rmSync(whole, { recursive: true });
  }
}

/** Makes a plain dump another, and its manifest agree. */
export function rewriteDump(backup: SucceededBackup, change: (text: string) => string): void {
  const dump = join(backup.directory, 'database.sql');
  const text = change(readFileSync(dump, 'utf8'));
  writeFileSync(dump, text);
  const [path, own] = [join(backup.directory, 'manifest.json'), backup.artifacts[0]];
  const rewritten = readFileSync(path, 'utf8')
    .replace(own?.sha256 ?? '', createHash('sha256').update(text).digest('hex'))
    .replace(`"sizeBytes": ${own?.sizeBytes}`, `"sizeBytes": ${Buffer.byteLength(text)}`);
  writeFileSync(path, rewritten);
}
