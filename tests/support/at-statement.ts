// Moments of a job by name instead of by the clock: a statement that is about to be sent, has been sent, or is answered.
// What the engine sees is a server that takes its time.
import pg from 'pg';

export type StatementMoment = {
  when: 'before' | 'sent' | 'answered';
  /** Patterns of statements, each looked for once the one before it has come by; the last is the moment. */
  statements: string[];
};

type Send = (this: pg.Client, ...given: unknown[]) => unknown;
const client = pg.Client.prototype as unknown as { query: Send };

/** Runs `act` once, at that moment of any session of this process; the statement, or its answer, waits for it.
 * What it gives ends the watch and tells whether the moment came. */
export function atStatement({ when, statements }: StatementMoment, act: () => unknown): () => boolean {
  const real = client.query;
  const ahead = statements.map((pattern) => new RegExp(pattern, 'i'));
  client.query = function (...given) {
    const send = (): unknown => real.apply(this, given);
    if (ahead.length === 0 || ahead[0]?.test(textOf(given[0])) !== true) return send();
    ahead.shift();
    if (ahead.length > 0) return send();
    if (when === 'answered') return (send() as Promise<unknown>).then((answer) => after(act(), () => answer));
    if (when === 'before') return after(act(), send);
    const answer = send();
    act();
    return answer;
  };
  return () => {
    client.query = real;
    return ahead.length === 0;
  };
}

/** Calls `act` with the number of each statement of this process before it is sent, from 1 on. */
export function atEachStatement(act: (number: number) => void): void {
  const real = client.query;
  let number = 0;
  client.query = function (...given) {
    act((number += 1));
    return real.apply(this, given);
  };
}

/** Sends other words where a statement holds `pattern`, for waits that nobody needs to sit through.
 * What it gives ends that and tells how many were changed. */
export function rewriteStatements(pattern: RegExp, words: string): () => number {
  const real = client.query;
  let changed = 0;
  client.query = function (statement, ...given) {
    if (typeof statement !== 'string' || !pattern.test(statement)) return real.call(this, statement, ...given);
    changed += 1;
    return real.call(this, statement.replace(pattern, words), ...given);
  };
  return () => {
    client.query = real;
    return changed;
  };
}

/** At once where there is nothing to wait for: a COPY stream cannot be kept waiting. */
function after(waited: unknown, go: () => unknown): unknown {
  if (!(waited instanceof Promise)) return go();
  return (async () => {
    await waited;
    return await go();
  })();
}

function textOf(statement: unknown): string {
  if (typeof statement === 'string') return statement;
  const text = (statement as { text?: unknown } | null)?.text;
  return typeof text === 'string' ? text : '';
}
