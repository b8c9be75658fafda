// Puts the engine together: the same for the window, the browser host and the command line.
import { createRouterClient, type Router } from '@orpc/server';
import type { OpenedFile } from '../../shared/contract/dumps.ts';
import type { Contract } from '../../shared/contract/index.ts';
import { tomorrowMorning } from '../../shared/schedules/pauses.ts';
import { appHandlers } from './app.ts';
import { createAppEvents } from './app-events.ts';
import { backupsHandlers } from './backups/index.ts';
import { closeSteps } from './close-steps.ts';
import { holdHostLock } from './catalog/host-lock.ts';
import { openCatalog } from './catalog/open.ts';
import type { EngineContext } from './context.ts';
import { dumpsHandlers } from './dumps/handlers.ts';
import { createOpenedFiles } from './dumps/opened-files.ts';
import { newId } from './ids.ts';
import { implementer, type Caller } from './implementer.ts';
import { createJobs } from './jobs/jobs.ts';
import { createLeftovers } from './jobs/leftovers.ts';
import { jobsHandlers } from './jobs/index.ts';
import { settleDeadHosts } from './jobs/settle.ts';
import { createMessages, messagesHandlers } from './messages/index.ts';
import type { AppEvents, EnginePorts } from './ports.ts';
import { previewsHandlers } from './previews/index.ts';
import { registerStagingSettler } from './previews/staging.ts';
import { openPreviews } from './previews/store.ts';
import { createProfiles } from './profiles/profiles.ts';
import { profilesHandlers } from './profiles/index.ts';
import { registerDatabaseSettlers } from './postgres/settle-databases.ts';
import { restoresHandlers } from './restores/index.ts';
import { retentionHandlers } from './retention/index.ts';
import { registerSwapSettler } from './restores/settle-swap.ts';
import { sampleHandlers } from './sample/index.ts';
import { stopSample } from './sample/sample.ts';
import { schedulesHandlers } from './schedules/index.ts';
import { runsStore } from './schedules/runs-store.ts';
import { createScheduler } from './schedules/scheduler.ts';
import { settingsHandlers } from './settings/index.ts';
import { readSettings } from './settings/settings.ts';
import { backUpProfile, trayStateOf, type TrayState } from './tray-state.ts';

export type Engine = Awaited<ReturnType<typeof createEngine>>;

export type EngineOptions = {
  /** False: does not lead, though the host could (`agent --once`). */
  schedule?: boolean;
};

/** Opens the catalog, settles what a crash left behind, and answers the whole contract.
 * Errors: CATALOG_CORRUPT, CATALOG_TOO_NEW, FOLDER_NOT_WRITABLE. */
export async function createEngine(ports: EnginePorts, options: EngineOptions = {}) {
  const catalog = openCatalog(ports.homeDirectory);
  const hostId = newId('hos');
  const lock = catalog.transaction(() => holdHostLock(ports.homeDirectory, hostId)).immediate();
  const events: AppEvents = createAppEvents();
  const settings = () => readSettings(catalog, ports.homeDirectory);
  const leftovers = createLeftovers(catalog, hostId);
  const settled: string[] = [];
  let settling: Promise<void> = Promise.resolve();

  function settleDead(): void {
    settleInBackground(false);
    settleInBackground(true);
  }
  const limits = () => ({ perServer: settings().jobsPerServer, inAll: settings().jobsInAll });
  const jobs = createJobs(catalog, ports, hostId, leftovers, limits, () => settleInBackground(false));
  const profiles = createProfiles(catalog, ports);
  const runs = runsStore(catalog);
  const parts = {
    ports,
    catalog,
    hostId,
    settings,
    events,
    jobs,
    leftovers,
    profiles,
    openedFiles: createOpenedFiles(),
    previews: openPreviews(ports),
    messages: createMessages({ ports, catalog, profiles, events }),
  };
  const context: EngineContext = Object.assign(parts, { scheduler: createScheduler(() => context, { settleDead }) });
  registerDatabaseSettlers(context);
  registerSwapSettler(context);
  registerStagingSettler(context);

  /** One at a time; a failure is on record in the log and tried again at the next start. */
  function settleInBackground(servers: boolean): void {
    settling = settling
      .then(async () => void settled.push(...(await settleDeadHosts(context, servers))))
      .catch((thrown: unknown) => ports.log.error('settling leftovers failed', thrown));
  }

  // What is on this machine is settled before anybody is answered; servers may take their time.
  settled.push(...(await settleDeadHosts(context, false)));
  settleInBackground(true);
  if (['desktop', 'browser', 'agent'].includes(ports.host.kind) && options.schedule !== false) context.scheduler.start();

  const os = implementer;
  const router: Router<Contract, Caller> = os.router({
    app: appHandlers(os, context, () => settled),
    profiles: profilesHandlers(os, context),
    backups: backupsHandlers(os, context),
    dumps: dumpsHandlers(os, context),
    previews: previewsHandlers(os, context),
    restores: restoresHandlers(os, context),
    jobs: jobsHandlers(os, context),
    settings: settingsHandlers(os, context),
    sample: sampleHandlers(os, context),
    schedules: schedulesHandlers(os, context),
    retention: retentionHandlers(os, context),
    messages: messagesHandlers(os, context),
  });

  /** For the program around it, which asks as any page does. */
  const own = createRouterClient(router, { context: { caller: 'window' } });

  return {
    router,
    /** This process's id in the catalog. */
    hostId,
    events,
    /** Shown to the user as it is; null where passwords go to the system's keychain. */
    secretsWarning: ports.secrets.warning,
    /** For hosts that wait for their own jobs (command line). */
    jobs,
    openFile: (path: string): Promise<OpenedFile> => context.openedFiles.open(path),
    activeJobs: (): number => jobs.activeHere(),
    trayState: async (): Promise<TrayState> => trayStateOf(context, await own.schedules.status()),
    /** Tells when the tray should be painted anew. */
    onTrayState(listener: () => void): () => void {
      jobs.emitter.on('changed', listener);
      const stopWatching = events.watch((event) => {
        if (event.kind === 'catalogChanged') listener();
      });
      return () => {
        jobs.emitter.off('changed', listener);
        stopWatching();
      };
    },
    /** A profile's own database, with its defaults. Errors: those of `backups.start`. */
    backUpNow: (profileId: string): Promise<void> => backUpProfile(context, profileId),
    pauseUntilTomorrow: async (): Promise<void> =>
      void (await own.schedules.pause({ until: tomorrowMorning(new Date(ports.clock())).toISOString() })),
    resumeSchedules: async (): Promise<void> => void (await own.schedules.pause({ until: null })),
    /** How many schedules nobody runs once this program has ended; 0 where another process leads. */
    leftAlone: (): number => {
      const leader = context.scheduler.leader();
      if (leader !== null && !leader.here) return 0;
      return catalog.prepare<[], { count: number }>('select count(*) as count from schedules where enabled = 1').get()?.count ?? 0;
    },
    /** What somebody gives up: its runs are cancelled, not interrupted, so nobody makes up for them. */
    async cancelAll(): Promise<void> {
      for (const run of runs.open()) if (run.owner === hostId && run.phase === 'working') context.scheduler.cancelRun(run.id);
      await jobs.cancelAll();
    },
    /** Resolves when whatever a crash left at servers is settled, or was tried. */
    settledAll: (): Promise<void> => settling,
    scheduler: context.scheduler,
    messages: context.messages,
    /** Within a minute, whatever hangs: work that does not end is let go of, as if this process had died. */
    async close(): Promise<void> {
      // A command that started the sample leaves it running for the next command; a window takes it along.
      const takesSample = ports.host.kind === 'desktop' || ports.host.kind === 'browser';
      const scheduler = () => context.scheduler.close();
      const abandoned = () => {
        context.scheduler.abandon();
        return Promise.resolve();
      };
      await closeSteps(ports.log, [
        { what: 'the scheduled runs', limitMs: 30_000, close: scheduler },
        // No more than a formality, unless they were just let go of.
        { what: 'the scheduler', limitMs: 1000, close: abandoned },
        { what: 'the jobs', limitMs: 21_000, close: () => jobs.close(20_000) },
        { what: 'the messages', limitMs: 5_000, close: () => context.messages.close() },
        { what: 'the previews', limitMs: 10_000, close: () => context.previews.closeAll() },
        { what: 'settling', limitMs: 5_000, close: () => settling },
        { what: 'the sample', limitMs: 30_000, close: () => (takesSample ? stopSample(context) : Promise.resolve()) },
      ]).finally(() => {
        catalog.close();
        lock.release();
      });
    },
  };
}
