// LZ4 frames (lz4_Frame_format.md, lz4_Block_format.md), decoded here because neither Node nor most
// machines bring an lz4 program. Checksums are verified: a dump that decodes is a dump that is right.
import type { ByteWindow } from './byte-window.ts';
import { incomplete } from './dump-errors.ts';
import { Xxh32, xxh32 } from './xxh32.ts';

const magic = 0x184d2204;
const historyBytes = 64 * 1024;
const cut = 'the lz4 data ends in the middle of a frame';
const damaged = 'the lz4 data is damaged';

type Header = { blockMaximum: number; blockChecksum: boolean; contentChecksum: boolean };

/** Decompresses every frame of the input. Chunks are the caller's to keep. */
export async function* lz4Decompressed(window: ByteWindow): AsyncGenerator<Buffer> {
  while (await window.fill(1)) {
    const header = await frameHeader(window);
    if (header === null) continue;
    const hash = header.contentChecksum ? new Xxh32() : null;
    const out = Buffer.allocUnsafe(historyBytes + header.blockMaximum);
    let history = 0;
    for (;;) {
      const block = await blockHeader(window, header);
      if (block === null) break;
      if (!(await window.fill(block.length + (header.blockChecksum ? 4 : 0)))) throw incomplete(cut);
      const stored = window.buffer.subarray(window.at, window.at + block.length);
      if (header.blockChecksum && xxh32(stored) !== window.buffer.readUInt32LE(window.at + block.length)) throw incomplete(damaged);
      const end = block.stored ? history + stored.copy(out, history) : decodeBlock(stored, out, history);
      window.at += block.length + (header.blockChecksum ? 4 : 0);
      const piece = Buffer.from(out.subarray(history, end));
      hash?.update(piece);
      const keep = Math.min(historyBytes, end);
      out.copyWithin(0, end - keep, end);
      history = keep;
      if (piece.length > 0) yield piece;
    }
    if (hash !== null) {
      if (!(await window.fill(4))) throw incomplete(cut);
      if (window.buffer.readUInt32LE(window.at) !== hash.digest()) throw incomplete(damaged);
      window.at += 4;
    }
  }
}

/** Walks all frames by their lengths. Throws DUMP_INCOMPLETE where they do not end with the input. */
export async function walkLz4(window: ByteWindow): Promise<void> {
  while (await window.fill(1)) {
    const header = await frameHeader(window);
    if (header === null) continue;
    for (;;) {
      const block = await blockHeader(window, header);
      if (block === null) break;
      if (!(await window.skip(block.length + (header.blockChecksum ? 4 : 0)))) throw incomplete(cut);
    }
    if (header.contentChecksum && !(await window.skip(4))) throw incomplete(cut);
  }
}

async function blockHeader(window: ByteWindow, header: Header): Promise<{ length: number; stored: boolean } | null> {
  if (!(await window.fill(4))) throw incomplete(cut);
  const word = window.buffer.readUInt32LE(window.at);
  window.at += 4;
  if (word === 0) return null;
  const length = word & 0x7fffffff;
  if (length > header.blockMaximum) throw incomplete(damaged);
  return { length, stored: word >= 0x80000000 };
}

async function frameHeader(window: ByteWindow): Promise<Header | null> {
  if (!(await window.fill(7))) throw incomplete(cut);
  const found = window.buffer.readUInt32LE(window.at);
  if ((found & 0xfffffff0) >>> 0 === 0x184d2a50) {
    if (!(await window.fill(8))) throw incomplete(cut);
    if (!(await window.skip(8 + window.buffer.readUInt32LE(window.at + 4)))) throw incomplete(cut);
    return null;
  }
  if (found !== magic) throw incomplete('there is something else behind the lz4 data');
  const flags = window.buffer.readUInt8(window.at + 4);
  const sizeCode = (window.buffer.readUInt8(window.at + 5) >> 4) & 7;
  if (flags >> 6 !== 1 || sizeCode < 4) throw incomplete(damaged);
  const length = 6 + ((flags & 8) === 0 ? 0 : 8) + ((flags & 1) === 0 ? 0 : 4) + 1;
  if (!(await window.fill(length))) throw incomplete(cut);
  const descriptor = window.buffer.subarray(window.at + 4, window.at + length - 1);
  if (((xxh32(descriptor) >>> 8) & 0xff) !== window.buffer.readUInt8(window.at + length - 1)) throw incomplete(damaged);
  window.at += length;
  return { blockMaximum: 1 << (8 + 2 * sizeCode), blockChecksum: (flags & 16) !== 0, contentChecksum: (flags & 4) !== 0 };
}

/** Decodes one block to `out` from `start`; the bytes before are its dictionary. Returns the end. */
function decodeBlock(block: Buffer, out: Buffer, start: number): number {
  let from = 0;
  let to = start;
  const size = block.length;
  while (from < size) {
    const token = block[from++] as number;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (from >= size) throw incomplete(damaged);
        more = block[from++] as number;
        literals += more;
      }
    }
    if (from + literals > size || to + literals > out.length) throw incomplete(damaged);
    if (literals > 24) block.copy(out, to, from, from + literals);
    else for (let i = 0; i < literals; i++) out[to + i] = block[from + i] as number;
    from += literals;
    to += literals;
    if (from >= size) break;
    if (from + 2 > size) throw incomplete(damaged);
    const distance = (block[from] as number) | ((block[from + 1] as number) << 8);
    from += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let more = 255;
      while (more === 255) {
        if (from >= size) throw incomplete(damaged);
        more = block[from++] as number;
        length += more;
      }
    }
    if (distance === 0 || distance > to || to + length > out.length) throw incomplete(damaged);
    if (distance >= length && length > 24) out.copyWithin(to, to - distance, to - distance + length);
    else for (let i = 0; i < length; i++) out[to + i] = out[to - distance + i] as number;
    to += length;
  }
  return to;
}
