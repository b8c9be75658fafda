// Reads a file or a stream through one bounded buffer, so that archives of any size and with any
// (also hostile) length fields are walked in constant memory: what a length field claims is never allocated.
import type { FileHandle } from 'node:fs/promises';

const windowBytes = 1 << 20;

/** A forward-only view of a byte sequence. `buffer[at..end)` is what can be read without waiting. */
export abstract class ByteWindow {
  buffer: Buffer = Buffer.allocUnsafe(windowBytes);
  at = 0;
  end = 0;
  #base = 0;

  /** Absolute offset of the next byte. */
  get position(): number {
    return this.#base + this.at;
  }

  /** Makes at least `count` bytes available; false where the input ends before. */
  async fill(count: number): Promise<boolean> {
    while (this.end - this.at < count) {
      this.#makeRoom();
      const got = await this.pull(this.buffer, this.end);
      if (got === 0) return false;
      this.end += got;
    }
    return true;
  }

  /** Moves past `count` bytes without keeping them; false where the input ends before. */
  async skip(count: number): Promise<boolean> {
    const here = this.end - this.at;
    if (count <= here) {
      this.at += count;
      return true;
    }
    this.#base += this.end;
    this.at = 0;
    this.end = 0;
    const passed = await this.pass(count - here);
    this.#base += passed;
    return passed === count - here;
  }

  /** Reads up to `limit` bytes as a copy; an empty buffer at the end. */
  async take(limit: number): Promise<Buffer> {
    if (this.at === this.end && !(await this.fill(1))) return Buffer.alloc(0);
    const upTo = Math.min(this.end, this.at + limit);
    const piece = Buffer.from(this.buffer.subarray(this.at, upTo));
    this.at = upTo;
    return piece;
  }

  #makeRoom(): void {
    if (this.at > 0 && (this.at === this.end || this.buffer.length - this.end < windowBytes / 4)) {
      this.buffer.copyWithin(0, this.at, this.end);
      this.#base += this.at;
      this.end -= this.at;
      this.at = 0;
    }
    if (this.end === this.buffer.length) {
      const larger = Buffer.allocUnsafe(this.buffer.length * 2);
      this.buffer.copy(larger, 0, 0, this.end);
      this.buffer = larger;
    }
  }

  /** Reads some bytes to `offset` of `into`; 0 at the end. */
  protected abstract pull(into: Buffer, offset: number): Promise<number>;
  /** Passes over `count` bytes of the source; says how many there were. */
  protected abstract pass(count: number): Promise<number>;
  abstract close(): Promise<void>;
}

/** Over an open file: skipping seeks. */
export class FileWindow extends ByteWindow {
  readonly #file: FileHandle;
  readonly #size: number;
  #next: number;

  constructor(file: FileHandle, size: number, start = 0) {
    super();
    this.#file = file;
    this.#size = size;
    this.#next = start;
  }

  protected async pull(into: Buffer, offset: number): Promise<number> {
    const { bytesRead } = await this.#file.read(into, offset, into.length - offset, this.#next);
    this.#next += bytesRead;
    return bytesRead;
  }

  protected async pass(count: number): Promise<number> {
    const possible = Math.max(0, Math.min(count, this.#size - this.#next));
    this.#next += possible;
    return possible;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Over chunks of a stream: skipping reads and forgets. */
export class StreamWindow extends ByteWindow {
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    super();
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async #some(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      this.#chunk = next.value;
    }
    return true;
  }

  protected async pull(into: Buffer, offset: number): Promise<number> {
    if (!(await this.#some())) return 0;
    const copied = this.#chunk.copy(into, offset);
    this.#chunk = this.#chunk.subarray(copied);
    return copied;
  }

  protected async pass(count: number): Promise<number> {
    let left = count;
    while (left > 0 && (await this.#some())) {
      const step = Math.min(left, this.#chunk.length);
      this.#chunk = this.#chunk.subarray(step);
      left -= step;
    }
    return count - left;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
