// Walks the data of a custom archive by its structure alone, to say whether all of it is there and how much room each
// table takes. `pg_restore --list` reads only the TOC and passes on archives that are cut off.
import type { ByteWindow } from './byte-window.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { readEntries, type Toc, type TocEntry } from './toc.ts';

export type ArchiveWalk = {
  /** `unknown`: nothing is missing, but the ends of large gzip files were not read. */
  state: 'whole' | 'cutOff' | 'damaged' | 'unknown';
  /** What is wrong; empty where nothing is. */
  detail: string;
  /** Stored bytes of data by dump id. */
  sizes: Map<number, number>;
  /** Custom format: where each data block begins, by dump id. */
  starts?: Map<number, number>;
};

const blockOfRows = 1;
const blockOfLargeObjects = 3;

/** Walks the blocks behind the TOC of a custom archive; the window stands there after `readToc`. */
export async function walkCustom(window: ByteWindow, toc: Toc): Promise<ArchiveWalk> {
  const sizes = new Map<number, number>();
  const starts = new Map<number, number>();
  const expected = new Map<number, TocEntry>();
  for (const entry of toc.entries) if (entry.data.state !== 'none' && entry.hadDumper) expected.set(entry.dumpId, entry);
  const bad = (state: 'cutOff' | 'damaged', detail: string): ArchiveWalk => ({ state, detail, sizes, starts });
  const intBytes = toc.intSize + 1;

  while (await window.fill(1)) {
    const start = window.position;
    const kind = window.buffer[window.at] as number;
    if (kind === 0 && sizes.size === expected.size) return { ...(await walkSecondToc(window, toc)), sizes, starts };
    if (kind !== blockOfRows && kind !== blockOfLargeObjects) return bad('damaged', 'it holds a data block of an unknown kind');
    window.at += 1;
    if (!(await window.fill(intBytes))) return bad('cutOff', 'it ends inside the head of a data block');
    const id = takeInt(window, toc.intSize);
    const entry = expected.get(id);
    if (entry === undefined) return bad('damaged', 'it holds a data block that its table of contents does not name');
    if (sizes.has(id)) return bad('damaged', `it holds the data of ${nameOf(entry)} twice`);
    if (entry.data.state === 'at' && entry.data.offset !== start)
      return bad('damaged', `the data of ${nameOf(entry)} is not where it should be`);
    sizes.set(id, 0);
    starts.set(id, start);
    const end = kind === blockOfRows ? await walkChunks(window, toc.intSize) : await walkLargeObjects(window, toc.intSize);
    sizes.set(id, end.bytes);
    if (end.state !== 'whole') {
      return bad(
        end.state,
        end.state === 'cutOff' ? `it ends inside the data of ${nameOf(entry)}` : `the data of ${nameOf(entry)} is garbled`,
      );
    }
  }
  const missing = [...expected.values()].filter((entry) => !sizes.has(entry.dumpId));
  const [first] = missing;
  if (first === undefined) return { state: 'whole', detail: '', sizes, starts };
  return bad(
    'cutOff',
    missing.length === 1
      ? `the data of ${nameOf(first)} is missing`
      : `the data of ${nameOf(first)} and ${missing.length - 1} more is missing`,
  );
}

/**
 * pg_dump -Fc of 16 and newer opens a redirected standard output for appending; the TOC that it means to write
 * over the first one, now with offsets, then stands behind the data. pg_restore never looks at it.
 */
async function walkSecondToc(window: ByteWindow, toc: Toc): Promise<Pick<ArchiveWalk, 'state' | 'detail'>> {
  try {
    const { entries } = await readEntries(window, toc);
    const same = entries.length === toc.entries.length && entries.every((entry, index) => entry.dumpId === toc.entries[index]?.dumpId);
    if (same && !(await window.fill(1))) return { state: 'whole', detail: '' };
  } catch (thrown) {
    if (!(thrown instanceof HowdahError) || thrown.code !== 'DUMP_INCOMPLETE') throw thrown;
    return { state: 'cutOff', detail: 'it ends inside the second copy of its table of contents' };
  }
  return { state: 'damaged', detail: 'there is something else behind its data' };
}

type Span = { state: 'whole' | 'cutOff' | 'damaged'; bytes: number };

/** Chunks, each a length and so many bytes; length 0 ends them. */
async function walkChunks(window: ByteWindow, intSize: number): Promise<Span> {
  let bytes = 0;
  for (;;) {
    if (window.end - window.at < intSize + 1 && !(await window.fill(intSize + 1))) return { state: 'cutOff', bytes };
    const length = takeInt(window, intSize);
    if (length === 0) return { state: 'whole', bytes };
    if (length < 0) return { state: 'damaged', bytes };
    bytes += length;
    if (window.end - window.at >= length) window.at += length;
    else if (!(await window.skip(length))) return { state: 'cutOff', bytes };
  }
}

/** Large objects, each an OID and its chunks; OID 0 ends them. */
async function walkLargeObjects(window: ByteWindow, intSize: number): Promise<Span> {
  let bytes = 0;
  for (;;) {
    if (!(await window.fill(intSize + 1))) return { state: 'cutOff', bytes };
    // An OID above 2³¹ is written as a negative number.
    if (takeInt(window, intSize) === 0) return { state: 'whole', bytes };
    const object = await walkChunks(window, intSize);
    bytes += object.bytes;
    if (object.state !== 'whole') return { state: object.state, bytes };
  }
}

function takeInt(window: ByteWindow, intSize: number): number {
  const { buffer, at } = window;
  window.at = at + intSize + 1;
  let value = 0;
  for (let i = intSize; i > 0; i--) value = value * 256 + (buffer[at + i] as number);
  return buffer[at] === 0 ? value : -value;
}

/** The data's name in messages. */
export function nameOf(entry: TocEntry): string {
  if (entry.desc === 'BLOBS') return 'large objects';
  return entry.namespace === '' ? entry.tag : `${entry.namespace}.${entry.tag}`;
}
