import { oc } from '@orpc/contract';
import { z } from 'zod';
import { id, startedJob } from './common.ts';

/** The throw-away PostgreSQL with a small shop in it, for trying things out. */
export const sampleState = z.discriminatedUnion('status', [
  z.object({ status: z.literal('unavailable'), reason: z.string(), hint: z.string() }),
  z.object({ status: z.literal('absent') }),
  z.object({ status: z.literal('stopped'), profileId: id }),
  z.object({ status: z.literal('running'), profileId: id, port: z.number() }),
]);
export type SampleState = z.infer<typeof sampleState>;

export const sampleContract = {
  state: oc.route({ method: 'GET', path: '/sample' }).output(sampleState),
  /** Creates (first time) or starts it; the job's result is the profile's id. Errors: SAMPLE_UNAVAILABLE. */
  start: oc.route({ method: 'POST', path: '/sample' }).output(startedJob),
  /** Stops the server and removes its folder and profile; backups stay. */
  remove: oc.route({ method: 'DELETE', path: '/sample' }).output(sampleState),
};
