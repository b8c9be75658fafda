// A program of its own: one engine, asked by the soak over Node's message channel, so that it can be killed for real.
// Its arguments: the data folder, and how far its clock is ahead.
import { appendFileSync, mkdirSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import type { ErrorReport } from '../../shared/errors.ts';
import { windowlessHost } from '../../electron/command-line/host-port.ts';
import { createEngine } from '../../electron/engine/engine.ts';
import type { Log } from '../../electron/engine/ports.ts';
import { openEncryptedFile } from '../../electron/engine/secrets/encrypted-file.ts';
import type { Client } from '../../electron/transport/client.ts';
import { fromWireError } from '../../electron/transport/errors.ts';

/** `call`: `backups.start` and the like, or one of `own` below. */
export type Question = { id: number; call: string; input: unknown };
/** `refused`: an error of Howdah's own; `broken`: anything else that was thrown. */
export type Answer =
  | { id: number; value: unknown }
  | { id: number; refused: ErrorReport }
  | { id: number; broken: string }
  | { ready: true }
  | { fault: string };

const [home = '', ahead = '0'] = process.argv.slice(2);
let offset = Number(ahead);

const tell = (answer: Answer): void => void process.send?.(answer);
const textOf = (thrown: unknown): string => (thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));

const logs = join(home, 'logs');
mkdirSync(logs, { recursive: true });
const write = (level: string, text: string): void => appendFileSync(join(logs, 'soak-host.log'), `${process.pid} ${level} ${text}\n`);
const log: Log = {
  info: (text) => write('info', text),
  warn: (text) => write('warning', text),
  error(text, thrown) {
    const whole = thrown === undefined ? text : `${text}: ${textOf(thrown)}`;
    write('error', whole);
    tell({ fault: whole });
  },
};

const engine = await createEngine({
  homeDirectory: home,
  secrets: openEncryptedFile(home),
  log,
  clock: () => Date.now() + offset,
  host: windowlessHost('command-line', '0.0.0-soak', log),
});
const client: Client = createRouterClient(engine.router, { context: { caller: 'command-line' } });

const own: Record<string, (input: never) => unknown> = {
  ended: (jobId: string) => engine.jobs.finished(jobId),
  settled: () => engine.settledAll(),
  clock: (milliseconds: number) => void (offset = milliseconds),
  close: () => engine.close(),
};

async function answerTo({ id, call, input }: Question): Promise<Answer> {
  try {
    const [noun = '', verb = ''] = call.split('.');
    const found = own[call] ?? (client as unknown as Record<string, Record<string, (input: never) => unknown>>)[noun]?.[verb];
    if (found === undefined) throw new Error(`there is no call ${call}`);
    return { id, value: (await found(input as never)) ?? null };
  } catch (thrown) {
    const report = fromWireError(thrown);
    return report.code === 'INTERNAL' ? { id, broken: `${call}: ${textOf(thrown)}` } : { id, refused: report };
  }
}

process.on('message', (question: Question) => {
  answerTo(question)
    .then((answer) => {
      tell(answer);
      if (question.call === 'close') process.disconnect();
    })
    .catch((thrown: unknown) => log.error('the soak could not be answered', thrown));
});
// The soak is gone: nobody will ask any more.
process.on('disconnect', () => {
  engine
    .close()
    .catch(() => undefined)
    .finally(() => process.exit(0));
});
// One that is killed would not write it.
flushCompileCache();
tell({ ready: true });
