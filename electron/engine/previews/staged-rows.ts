// Rows from a dump into a staging table, by several sessions at once: the server's parsing is what takes the time.
import { once } from 'node:events';
import { from as copyFrom } from 'pg-copy-streams';
import type { Session } from '../postgres/connection.ts';

/** A session goes on to the next one at a row's end after so many bytes. */
const blockBytes = 256 * 1024;
const newline = 10;

type Writer = { stream: ReturnType<typeof copyFrom>; failure: unknown; ended: Promise<void> };

/** Sends COPY text rows, cut anywhere, through as many of the sessions as keep up; gives how many there were.
 * Throws what the server said about a row, after every session is free again; the chunks may not be at their end then. */
export async function copyRows(
  sessions: Session[],
  statement: string,
  chunks: AsyncIterable<Buffer>,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const writers: Writer[] = [];
  const open = (session: Session): Writer => {
    const stream = session.query(copyFrom(statement));
    const writer: Writer = { stream, failure: undefined, ended: Promise.resolve() };
    writer.ended = new Promise((resolve) => {
      stream.once('error', (thrown: unknown) => {
        writer.failure ??= thrown;
        resolve();
      });
      stream.once('finish', resolve);
    });
    writers.push(writer);
    return writer;
  };
  const broken = (): Writer | undefined => writers.find((writer) => writer.failure !== undefined);
  const room = async (writer: Writer): Promise<void> => {
    if (writer.stream.writableNeedDrain) await Promise.race([once(writer.stream, 'drain'), writer.ended]);
  };
  /** One that has room; else a session that has nothing to do yet; else whoever has room first. */
  const next = async (current: Writer): Promise<Writer> => {
    if (!current.stream.writableNeedDrain) return current;
    const free = writers.find((writer) => !writer.stream.writableNeedDrain);
    if (free !== undefined) return free;
    const idle = sessions[writers.length];
    if (idle !== undefined) return open(idle);
    return Promise.race(writers.map(async (writer) => (await room(writer), writer)));
  };

  const [first] = sessions;
  if (first === undefined) throw new Error('no session to copy with');
  let current = open(first);
  let sent = 0;
  let failure: unknown;
  try {
    for await (const chunk of chunks) {
      onBytes(chunk.length);
      sent += chunk.length;
      const end = sent >= blockBytes ? chunk.lastIndexOf(newline) : -1;
      if (end === -1) {
        current.stream.write(chunk);
        await room(current);
      } else {
        current.stream.write(end === chunk.length - 1 ? chunk : chunk.subarray(0, end + 1));
        current = await next(current);
        sent = chunk.length - end - 1;
        if (sent > 0) current.stream.write(chunk.subarray(end + 1));
      }
      if (broken() !== undefined) break;
    }
  } catch (thrown) {
    failure = thrown;
  }
  failure ??= broken()?.failure;
  for (const writer of writers) {
    if (writer.failure !== undefined) continue;
    if (failure === undefined) writer.stream.end();
    else writer.stream.destroy(new Error('the rows were stopped'));
  }
  await Promise.all(writers.map((writer) => writer.ended));
  failure ??= broken()?.failure;
  if (failure !== undefined) throw failure instanceof Error ? failure : new Error('the rows could not be staged', { cause: failure });
  return writers.reduce((sum, writer) => sum + writer.stream.rowCount, 0);
}
