// The rows behind COPY … FROM stdin, up to the line `\.`: looked through at the speed of a search, never copied.

/** Takes chunks until the end mark. */
export class CopyData {
  rows = 0;
  /** Start of a line that may become the end mark: `\`, `\.` or `\.` and a carriage return. */
  #held: Buffer = Buffer.alloc(0);
  #atLineStart = true;

  /** `chunk`: rows to hand on. `rest`: what follows the end mark's line; null while it has not come. */
  take(input: Buffer): { chunk: Buffer; rest: Buffer | null } {
    const bytes = this.#held.length === 0 ? input : Buffer.concat([this.#held, input]);
    this.#held = Buffer.alloc(0);
    let lineStart = this.#atLineStart ? 0 : nextLine(bytes, 0);
    while (lineStart !== -1) {
      const mark = markAt(bytes, lineStart);
      if (mark === 'unsure') {
        this.#held = Buffer.from(bytes.subarray(lineStart));
        return { chunk: this.#pass(bytes.subarray(0, lineStart)), rest: null };
      }
      if (mark !== null) return { chunk: this.#pass(bytes.subarray(0, lineStart)), rest: bytes.subarray(mark) };
      lineStart = nextLine(bytes, lineStart);
    }
    return { chunk: this.#pass(bytes), rest: null };
  }

  /** Whether the script's end, reached now, ends the data too: an end mark without a line break behind it. */
  endsHere(): boolean {
    return this.#held.length >= 2;
  }

  #pass(data: Buffer): Buffer {
    let rows = 0;
    for (let i = 0; i < data.length; i++) if (data[i] === 10) rows++;
    this.rows += rows;
    if (data.length > 0) this.#atLineStart = data[data.length - 1] === 10;
    return data;
  }
}

const lineBreakAndBackslash = Buffer.from('\n\\');

/** The next line that begins with a backslash, or that the chunk ends before showing; -1 where there is none. */
function nextLine(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(lineBreakAndBackslash, from);
  if (found !== -1) return found + 1;
  return -1;
}

/** Where the end mark's line ends, counted from its start; `unsure` where the chunk ends too early. */
function markAt(bytes: Buffer, at: number): number | 'unsure' | null {
  const left = bytes.length - at;
  if (left > 0 && bytes[at] !== 92) return null;
  if (left > 1 && bytes[at + 1] !== 46) return null;
  if (left > 2 && bytes[at + 2] === 10) return at + 3;
  if (left > 2 && bytes[at + 2] !== 13) return null;
  if (left > 3) return bytes[at + 3] === 10 ? at + 4 : null;
  return 'unsure';
}
