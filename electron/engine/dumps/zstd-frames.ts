// The outer structure of zstd data (RFC 8878): enough to tell where each frame ends and whether the last one
// does, without decompressing. Node's decompressor stops after one frame; parallel compressors write many.
import type { ByteWindow } from './byte-window.ts';
import { incomplete } from './dump-errors.ts';

const magic = 0xfd2fb528;
/** Blocks are small; handing them on one by one costs more than decoding them. */
const pieceBytes = 256 * 1024;
const cut = 'the zstd data ends in the middle of a frame';

/** Yields the bytes of one frame, some blocks at a time, and returns after its last. Nothing for a skippable frame. */
export async function* zstdFrame(window: ByteWindow): AsyncGenerator<Buffer> {
  const header = await zstdFrameHeader(window);
  if (header === null) return;
  yield header.bytes;
  for (let last = false; !last;) {
    let length = 0;
    while (!last && length < pieceBytes) {
      if (!(await window.fill(length + 3))) throw incomplete(cut);
      const block = window.buffer.readUIntLE(window.at + length, 3);
      length += 3 + blockLength(block);
      last = (block & 1) === 1;
    }
    if (last && header.checksum) length += 4;
    if (!(await window.fill(length))) {
      // What is there is decoded all the same: it tells what kind of file was cut.
      yield await window.take(length);
      throw incomplete(cut);
    }
    yield await window.take(length);
  }
}

/** Walks all frames by their lengths. Throws DUMP_INCOMPLETE where they do not end with the input. */
export async function walkZstd(window: ByteWindow): Promise<void> {
  while (await window.fill(1)) {
    const header = await zstdFrameHeader(window);
    if (header === null) continue;
    for (let last = false; !last;) {
      if (!(await window.fill(3))) throw incomplete(cut);
      const block = window.buffer.readUIntLE(window.at, 3);
      if (!(await window.skip(3 + blockLength(block)))) throw incomplete(cut);
      last = (block & 1) === 1;
    }
    if (header.checksum && !(await window.skip(4))) throw incomplete(cut);
  }
}

function blockLength(block: number): number {
  const type = (block >> 1) & 3;
  if (type === 3) throw incomplete('the zstd data holds a block of an impossible kind');
  return type === 1 ? 1 : block >>> 3;
}

async function zstdFrameHeader(window: ByteWindow): Promise<{ bytes: Buffer; checksum: boolean } | null> {
  if (!(await window.fill(5))) throw incomplete(cut);
  const found = window.buffer.readUInt32LE(window.at);
  if ((found & 0xfffffff0) >>> 0 === 0x184d2a50) {
    if (!(await window.fill(8))) throw incomplete(cut);
    const length = window.buffer.readUInt32LE(window.at + 4);
    if (!(await window.skip(8 + length))) throw incomplete(cut);
    return null;
  }
  if (found !== magic) throw incomplete('there is something else behind the zstd data');
  const flags = window.buffer.readUInt8(window.at + 4);
  const singleSegment = (flags & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0;
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const length = 5 + (singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
  if (!(await window.fill(length))) throw incomplete(cut);
  return { bytes: await window.take(length), checksum: (flags & 4) !== 0 };
}
