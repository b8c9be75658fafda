// Takes COPY's text format apart. https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.55.9.2
import { decoderFor } from './toc.ts';

/** Lines of COPY data out of chunks cut anywhere, without their line ends. */
export async function* copyLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const part = chunk.subarray(from, end);
      yield withoutReturn(held.length === 0 ? part : Buffer.concat([...held, part]));
      held = [];
      from = end + 1;
    }
    if (from < chunk.length) held.push(chunk.subarray(from));
  }
  if (held.length > 0) yield withoutReturn(Buffer.concat(held));
}

/** A bare carriage return stands only at the end of lines: those inside values are escaped. */
const withoutReturn = (line: Buffer): Buffer => (line.at(-1) === 13 ? line.subarray(0, -1) : line);

/** A parser of lines that are in this encoding: the values of each, null for NULL. */
export function copyValues(encoding: string): (line: Buffer) => (string | null)[] {
  const decode = decoderFor(encoding);
  return (line) => {
    const values: (string | null)[] = [];
    let from = 0;
    for (;;) {
      const tab = line.indexOf(9, from);
      const field = line.subarray(from, tab === -1 ? line.length : tab);
      values.push(field.length === 2 && field[0] === 92 && field[1] === 78 ? null : decode(unescaped(field)));
      if (tab === -1) return values;
      from = tab + 1;
    }
  };
}

const simple = new Map([
  [98, 8],
  [102, 12],
  [110, 10],
  [114, 13],
  [116, 9],
  [118, 11],
]);

function unescaped(field: Buffer): Buffer {
  if (!field.includes(92)) return field;
  const bytes: number[] = [];
  for (let at = 0; at < field.length; at++) {
    const byte = field[at] as number;
    const next = field[at + 1];
    if (byte !== 92 || next === undefined) {
      bytes.push(byte);
      continue;
    }
    const coded = /^(?:[0-7]{1,3}|x[0-9a-fA-F]{1,2})/.exec(field.toString('latin1', at + 1, at + 4))?.[0];
    if (coded === undefined) {
      bytes.push(simple.get(next) ?? next);
      at++;
    } else {
      bytes.push((coded.startsWith('x') ? Number.parseInt(coded.slice(1), 16) : Number.parseInt(coded, 8)) & 255);
      at += coded.length;
    }
  }
  return Buffer.from(bytes);
}
