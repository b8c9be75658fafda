// `npm run soak -- 30m`: random backups, restores, merges, kills, cancels, crashes and schedule ticks over all servers, with
// models beside that say what must be there. Ends with one line of figures; a failure tells how to meet it again.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArguments, type SoakArguments } from './arguments.ts';
import { lastLine, sumOf } from './figures.ts';
import { SoakFailure } from './failure.ts';
import { checkAll } from './checks.ts';
import { reopen } from './job.ts';
import { availableServers } from './available.ts';
import { startServer, type SoakServer } from './server.ts';
import { takeStep } from './step.ts';
import { makeWorld, type World } from './world.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

let args: SoakArguments;
try {
  args = parseArguments(process.argv.slice(2));
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exit(2);
}
const seed = args.seed ?? Date.now() % 1_000_000_000;
const wanted = availableServers(args.majors);
say(`soak: seed ${seed}, servers ${wanted.map(({ major }) => major).join(' ')}, ${args.duration}`);

// Engines are started again and again: the second one need not compile anew.
const compiled = mkdtempSync(join(tmpdir(), 'howdah-soak-compiled-'));
process.once('exit', () => {
  const folders = [compiled, ...worlds.filter((world) => !failed.has(world)).map(({ home }) => home)];
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopped) process.exit(130);
    stopped = true;
    say('Ends after this step; once more ends at once.');
  });
}
const end = performance.now() + args.milliseconds;
const servers: SoakServer[] = [];
const worlds: World[] = [];
/** Their data folders are kept. */
const failed = new Set<World>();
let failures = 0;

/** Steps of one server, one after the other. The servers go on at the same time. */
async function soak(server: SoakServer): Promise<void> {
  let world: World | null = null;
  try {
    world = await makeWorld(seed, server, compiled);
    worlds.push(world);
    for (let number = 1; !stopped && performance.now() < end; number += 1) {
      await takeStep(world, number, args.kinds ?? undefined);
      if (args.verbose) say(`${server.major} ${world.story.at(-1) ?? ''}`);
    }
    await reopen(world);
    await checkAll(world);
    await world.host.close();
  } catch (thrown) {
    stopped = true;
    failures += 1;
    if (world !== null) failed.add(world);
    tellFailure(server, world, thrown);
    await world?.host.kill();
  }
}

function tellFailure(server: SoakServer, world: World | null, thrown: unknown): void {
  const lines = [`\nsoak failed: seed ${seed}, server ${server.major}, step ${world?.story.length ?? 0}`, ...(world?.story ?? [])];
  if (thrown instanceof SoakFailure) {
    lines.push(thrown.message, `  expected ${shown(thrown.expected)}`, `  found    ${shown(thrown.found)}`);
  } else lines.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  if (thrown instanceof Error && thrown.cause !== undefined)
    lines.push(`  because of ${thrown.cause instanceof Error ? thrown.cause.message : JSON.stringify(thrown.cause)}`);
  for (const trouble of world?.troubles ?? []) lines.push(`  logged: ${trouble}`);
  if (world !== null) {
    if (existsSync(server.cluster.logFile)) cpSync(server.cluster.logFile, join(world.home, 'server.log'));
    lines.push(`The data folder, with the server's log, is kept: ${world.home}`);
  }
  const only = args.kinds === null ? '' : ` --only ${args.kinds.join()}`;
  lines.push(`Again: npm run soak -- ${args.duration} --seed ${seed} --servers ${server.major}${only}`);
  process.stderr.write(`${lines.join('\n')}\n`);
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 4000);

try {
  for (const { major, clientDirectory } of wanted) servers.push(await startServer(major, clientDirectory));
  await Promise.all(servers.map(soak));
} finally {
  for (const server of servers) server.cluster.remove();
}
const figures = sumOf(worlds.map((world) => world.figures));
figures.faults = failures;
say(
  lastLine(
    args.duration,
    seed,
    servers.map(({ major }) => major),
    figures,
  ),
);
process.exit(failures === 0 ? 0 : 1);
