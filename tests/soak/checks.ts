// What has to hold after every step, whatever happened in it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { catalogRows } from './catalog.ts';
import { differenceOf, sameContent } from './content.ts';
import { readContent } from './database.ts';
import { demand, demandEqual } from './failure.ts';
import { fileOf, filesWithPassword, processes } from './secrets.ts';
import type { World } from './world.ts';

/** Errors: SoakFailure. */
export async function checkAll(world: World): Promise<void> {
  demandEqual('what the engine logged as an error, or the processes showed', [], world.troubles);
  checkCatalog(world);
  checkFolders(world);
  checkProcesses(world);
  demandEqual('files with the password', [], filesWithPassword(world));
  await checkServer(world);
  for (const place of world.places) {
    const found = await readContent(world.server, place.database, place.content);
    demand(sameContent(place.content, found), `the rows of ${place.database}`, 'as remembered', differenceOf(place.content, found));
  }
}

/** Nothing is under way, so nothing may look as if it were. */
function checkCatalog(world: World): void {
  for (const table of ['jobs', 'backups', 'restores', 'runs']) {
    // A run that was cut off waits for the next scheduler.
    if (table === 'runs' && world.cutOff) continue;
    demandEqual(`${table} that look as if they were under way`, [], catalogRows(world, `select id, status from (${unended(table)})`));
  }
  demandEqual('the list of things left behind', [], catalogRows(world, 'select kind, body from leftovers'));
  demandEqual('begun deletions', [], catalogRows(world, "select backup_id, state, error from deletions where state <> 'removed'"));
}

const unended = (table: string): string => {
  const column = table === 'runs' ? 'state' : 'status';
  return `select id, ${column} as status from ${table} where ${column} in ('queued', 'running')`;
};

/** A folder for each backup that is called good, and no other. */
function checkFolders(world: World): void {
  const recorded = catalogRows<{ directory: string }>(world, "select directory from backups where status = 'succeeded'");
  const found = foldersIn(world.backupFolder).map((name) => join(world.backupFolder, name));
  demandEqual('folders of backups', recorded.map(({ directory }) => directory).toSorted(), found.toSorted());
  for (const folder of found) demand(existsSync(join(folder, 'manifest.json')), `${folder}`, 'a manifest', readdirSync(folder));
}

/** Below it, those that a backup's name ends. */
const foldersIn = (root: string): string[] =>
  existsSync(root)
    ? readdirSync(root, { recursive: true })
        .map(String)
        .filter((name) => /(^|[\\/])[^\\/]*_bak_[^\\/]*$/.test(name))
    : [];

function checkProcesses(world: World): void {
  const jobs = new Set(catalogRows<{ id: string }>(world, 'select id from jobs').map(({ id }) => id));
  const left = processes().flatMap((pid) => {
    const [, job] = /HOWDAH_JOB=(job_[^\0]+)/.exec(fileOf(pid, 'environ')) ?? [];
    return job !== undefined && jobs.has(job) ? [`${pid} of ${job}: ${fileOf(pid, 'cmdline').replaceAll('\0', ' ')}`] : [];
  });
  demandEqual('client programs of ended jobs', [], left);
}

async function checkServer(world: World): Promise<void> {
  const { server } = world;
  const databases = await server.rows<{ name: string; open: boolean }>(
    'postgres',
    "select datname as name, datallowconn as open from pg_database where not datistemplate and datname <> 'postgres' order by 1",
  );
  const expected = [...world.places.map((place) => place.database), ...world.asides.keys()].toSorted();
  demandEqual('databases', expected, databases.map(({ name }) => name).toSorted());
  demandEqual(
    'databases that let nobody in',
    [],
    databases.filter(({ open }) => !open),
  );
  const sessions = await server.rows('postgres', "select pid, query from pg_stat_activity where application_name like 'howdah job%'");
  demandEqual('sessions of ended jobs', [], sessions);
  for (const name of expected) {
    const schemas = await server.rows(name, "select nspname from pg_namespace where nspname like 'howdah%'");
    demandEqual(`staging schemas in ${name}`, [], schemas);
    const off = await server.rows(name, "select tgname from pg_trigger where tgenabled <> 'O'");
    demandEqual(`triggers that are off in ${name}`, [], off);
  }
}
