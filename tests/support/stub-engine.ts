// A few calls of the real contract with answers made up here: for tests of what carries them.
import { HowdahError } from '../../shared/errors.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { implementer } from '../../electron/engine/implementer.ts';
import type { Log } from '../../electron/engine/ports.ts';
import { errorMiddleware } from '../../electron/transport/errors.ts';

export type StubEngine = {
  engine: Pick<Engine, 'router' | 'openFile'>;
  /** Event streams that are open now. */
  openStreams: () => number;
  /** Paths given to openFile. */
  opened: string[];
  /** Who called last. */
  lastCaller: () => string | null;
  log: Log & { lines: string[] };
};

/** `profiles.get` fails with NOT_FOUND, `profiles.list` with a fault, `app.events` streams until closed. */
export function createStubEngine(): StubEngine {
  const os = implementer.use(errorMiddleware);
  const opened: string[] = [];
  let streams = 0;
  let caller: string | null = null;
  const router = {
    app: {
      info: os.app.info.handler(({ context }) => {
        caller = context.caller;
        return {
          version: '0.0.0',
          host: 'browser' as const,
          platform: 'linux',
          homeDirectory: '/home',
          secrets: { store: 'memory' as const, warning: null },
          settled: [],
        };
      }),
      events: os.app.events.handler(async function* ({ signal }) {
        streams += 1;
        try {
          yield { kind: 'catalogChanged' as const };
          await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
        } finally {
          streams -= 1;
        }
      }),
      answerQuit: os.app.answerQuit.handler(() => ({ done: true as const })),
    },
    profiles: {
      get: os.profiles.get.handler(({ input }) => {
        throw new HowdahError('NOT_FOUND', `There is no profile ${input.id}.`, { hint: 'List them.', detail: 'looked everywhere' });
      }),
      list: os.profiles.list.handler(() => {
        throw new Error('a fault with secrets in its cause');
      }),
      create: os.profiles.create.handler(() => {
        throw new HowdahError('CONFIRMATION_NEEDED', 'Say so.', { hint: 'Say so in so many words.' });
      }),
    },
    jobs: {
      watch: os.jobs.watch.handler(async function* () {
        yield { kind: 'log' as const, line: { sequence: 1, at: '2026-01-01T00:00:00.000Z', level: 'info' as const, text: 'one' } };
        throw new HowdahError('CONNECTION_LOST', 'The server went away.', { hint: 'Try again.' });
      }),
    },
  };
  const lines: string[] = [];
  return {
    engine: {
      router: router as unknown as Engine['router'],
      openFile: (path) => {
        opened.push(path);
        return Promise.resolve({ id: 'fil_1', name: path.split('/').at(-1) ?? '', path, sizeBytes: 1 });
      },
    },
    openStreams: () => streams,
    opened,
    lastCaller: () => caller,
    log: {
      lines,
      info: (message) => void lines.push(message),
      warn: (message) => void lines.push(message),
      error: (message, thrown) => void lines.push(`${message} ${String(thrown)}`),
    },
  };
}
