// Everything the soak knows of one server and the Howdah that looks after it.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileFields } from '../../shared/contract/profiles.ts';
import { freshContent, type Content } from './content.ts';
import { createFrom } from './database.ts';
import { noFigures, type Figures } from './figures.ts';
import { startHost, type Host } from './host-process.ts';
import { drawFrom } from './random.ts';
import type { SoakServer } from './server.ts';

/** A live database and its profile. */
export type Place = {
  profileId: string;
  database: string;
  content: Content;
  /** What it held since the step began: a backup made meanwhile holds one of these. */
  since: Content[];
};

export type KnownBackup = {
  id: string;
  profileId: string | null;
  database: string;
  startedAt: string;
  directory: string;
  /** Only the ledger. */
  chosen: boolean;
  /** What it may hold; one, once that is known. */
  possible: Content[];
  /** It was restored, and held what it should. */
  proved: boolean;
};

/** What an undo has to bring back. */
export type KnownRestore = {
  id: string;
  place: Place;
  way: 'swap' | 'rows' | 'tables';
  before: Content;
  /** `rows`: the tables that were changed. */
  changed: { things: string[]; ledger: boolean };
};

export type World = {
  seed: number;
  server: SoakServer;
  home: string;
  backupFolder: string;
  env: NodeJS.ProcessEnv;
  host: Host;
  places: Place[];
  backups: Map<string, KnownBackup>;
  restores: Map<string, KnownRestore>;
  /** Databases that restores and undos keep, by name. */
  asides: Map<string, Content>;
  generations: number;
  /** How far Howdah's clock is ahead. */
  ahead: number;
  /** How long jobs of each kind take when nobody disturbs them. */
  typicalMs: Map<string, number>;
  figures: Figures;
  /** What the engine logged as an error, or what a look at the processes found, since the last check. */
  troubles: string[];
  /** What has been done, a line a step. */
  story: string[];
  schedules: {
    id: string;
    name: string;
    kind: 'backup' | 'cleanup';
    missed: 'runOnce' | 'skip';
    everyMinutes: number;
    settledTo: number;
  }[];
  /** A scheduled run was cut off: what its record comes to is the next tick's. */
  cutOff: boolean;
};

export const nowOf = (world: World): number => Date.now() + world.ahead;

/** Adds to the line of the step that is under way. */
export function tellStory(world: World, text: string): void {
  const last = world.story.length - 1;
  world.story[last] = `${world.story[last] ?? ''} ${text}`;
}

export async function makeWorld(seed: number, server: SoakServer, compiled: string): Promise<World> {
  const home = mkdtempSync(join(tmpdir(), `howdah-soak-${server.major}-`));
  const world: Omit<World, 'host'> = {
    seed,
    server,
    home,
    backupFolder: join(home, 'backups'),
    env: { ...withoutLibpq(home), NODE_COMPILE_CACHE: compiled },
    places: [],
    backups: new Map(),
    restores: new Map(),
    asides: new Map(),
    generations: 0,
    ahead: 0,
    typicalMs: new Map(),
    figures: noFigures(),
    troubles: [],
    story: [],
    schedules: [],
    cutOff: false,
  };
  const whole: World = { ...world, host: await openHost(world) };
  for (const name of ['first', 'second']) await addPlace(whole, name);
  return whole;
}

/** A new process on the world's data folder; whatever the last one left is settled when it resolves. */
export async function openHost(world: Omit<World, 'host'>): Promise<Host> {
  const host = await startHost(world.home, world.ahead, world.env, (fault) => void world.troubles.push(fault));
  await host.settled();
  return host;
}

async function addPlace(world: World, name: string): Promise<void> {
  const { content, database } = await newDatabase(world, name);
  const { host, port, user, password } = world.server.cluster;
  const profile = await world.host.client.profiles.create({
    profile: profileFields.parse({
      name,
      host,
      port,
      user,
      database,
      sslMode: 'disable',
      clientDirectory: world.server.clientDirectory,
      backupDirectory: world.backupFolder,
    }),
    password,
  });
  world.places.push({ profileId: profile.id, database, content, since: [content] });
}

/** A database of a name and of tables that no other had. */
export async function newDatabase(world: World, name: string): Promise<{ database: string; content: Content }> {
  world.generations += 1;
  const draw = drawFrom('database', world.seed, world.server.major, world.generations);
  const content = freshContent(draw, world.server.needs, world.generations);
  const database = `${name}_${world.generations}`;
  await createFrom(world.server, database, content);
  return { database, content };
}

/** The libpq settings of whoever runs the soak must not decide how it ends. */
function withoutLibpq(home: string): NodeJS.ProcessEnv {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PG[A-Z]|HOWDAH_|DATABASE_URL)/.test(name)));
  return { ...env, PGPASSFILE: join(home, 'no-pgpass'), PGSERVICEFILE: join(home, 'no-services'), PGSYSCONFDIR: home, TZ: 'UTC' };
}
