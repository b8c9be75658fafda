// The package brings no types. https://github.com/brianc/node-pg-copy-streams
declare module 'pg-copy-streams' {
  import type { Writable } from 'node:stream';
  import type { Submittable } from 'pg';
  export type CopyFrom = Writable & Submittable & { rowCount: number };
  /** Takes the rows of a `COPY … FROM stdin`; hand it to `client.query`. */
  export function from(statement: string): CopyFrom;
}
