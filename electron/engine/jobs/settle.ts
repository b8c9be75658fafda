// What a crash left behind is settled at the next start: no job stays "running" whose process is gone.
import { HowdahError } from '../../../shared/errors.ts';
import { forgetDeadHosts, hostIsAlive } from '../catalog/host-lock.ts';
import type { EngineContext } from '../context.ts';

const interrupted = (): HowdahError =>
  new HowdahError('INTERRUPTED', 'The program ended while this job was running.', {
    hint: 'Whatever it had made half-way was removed. Start it again.',
  });

/** Marks the dead processes' jobs and settles what they left. Says what it did.
 * What needs a server is settled only with `servers`, and stays on the list where the server does not answer. */
export async function settleDeadHosts(context: EngineContext, servers: boolean): Promise<string[]> {
  const { catalog, jobs, leftovers, ports, hostId } = context;
  const said: string[] = [];
  const dead = jobs.store.activeOwners().filter((owner) => owner !== hostId && !hostIsAlive(ports.homeDirectory, owner));
  for (const owner of dead) {
    said.push(...markInterrupted(context, owner));
    const settled = await leftovers.settle(owner, !servers);
    said.push(...settled.done);
    for (const { what, thrown } of settled.failed) ports.log.error(`could not settle ${what}; it will be tried again`, thrown);
  }
  catalog.transaction(() => forgetDeadHosts(ports.homeDirectory, hostId)).immediate();
  for (const line of said) ports.log.info(`settled: ${line}`);
  return said;
}

/** In one transaction: the jobs, and the backups and restores that they were making. */
export function markInterrupted(context: EngineContext, owner: string): string[] {
  const { catalog, jobs } = context;
  const now = new Date(context.ports.clock()).toISOString();
  const report = JSON.stringify(interrupted().report());
  return catalog
    .transaction(() => {
      const rows = jobs.store.ofOwner(owner);
      for (const row of rows) {
        jobs.store.finish(row.id, { status: 'interrupted', error: interrupted().report() }, now);
        catalog
          .prepare(
            "update backups set status = 'interrupted', finished_at = ?, duration_ms = 0, error = ? where job_id = ? and status = 'running'",
          )
          .run(now, report, row.id);
        catalog
          .prepare(
            `update restores set status = 'interrupted',
               body = json_set(body, '$.status', 'interrupted', '$.finishedAt', ?, '$.durationMs', 0, '$.error', json(?))
             where status = 'running' and json_extract(body, '$.jobId') = ?`,
          )
          .run(now, report, row.id);
      }
      return rows.map((row) => `${row.title}: interrupted`);
    })
    .immediate();
}
