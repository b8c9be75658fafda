// The package brings no types. https://github.com/brianc/node-pg-copy-streams
declare module 'pg-copy-streams' {
  import type { Readable, Writable } from 'node:stream';
  import type { Submittable } from 'pg';
  export type CopyFrom = Writable & Submittable & { rowCount: number };
  /** Takes the rows of a `COPY … FROM stdin`; hand it to `client.query`. */
  export function from(statement: string): CopyFrom;
  /** Gives the rows of a `COPY … TO stdout`. */
  export function to(statement: string): Readable & Submittable & { rowCount: number };
}
