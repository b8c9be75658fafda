// xxHash, 32 bits (github.com/Cyan4973/xxHash, doc/xxhash_spec.md): the checksum of lz4 frames.
const p1 = 0x9e3779b1;
const p2 = 0x85ebca77;
const p3 = 0xc2b2ae3d;
const p4 = 0x27d4eb2f;
const p5 = 0x165667b1;

/** Hashes data that comes in pieces; seed 0. */
export class Xxh32 {
  #a = (p1 + p2) | 0;
  #b = p2 | 0;
  #c = 0;
  #d = -p1 | 0;
  #length = 0;
  readonly #rest = Buffer.alloc(16);
  #restLength = 0;

  update(data: Buffer): void {
    this.#length += data.length;
    let at = 0;
    if (this.#restLength > 0) {
      at = data.copy(this.#rest, this.#restLength, 0, 16 - this.#restLength);
      this.#restLength += at;
      if (this.#restLength < 16) return;
      this.#stripes(this.#rest, 0, 16);
      this.#restLength = 0;
    }
    const whole = at + ((data.length - at) & ~15);
    this.#stripes(data, at, whole);
    this.#restLength = data.copy(this.#rest, 0, whole);
  }

  digest(): number {
    let h = this.#length >= 16 ? rotate(this.#a, 1) + rotate(this.#b, 7) + rotate(this.#c, 12) + rotate(this.#d, 18) : p5;
    h = (h + this.#length) | 0;
    let at = 0;
    for (; at + 4 <= this.#restLength; at += 4) h = Math.imul(rotate((h + Math.imul(this.#rest.readInt32LE(at), p3)) | 0, 17), p4);
    for (; at < this.#restLength; at++) h = Math.imul(rotate((h + Math.imul(this.#rest[at] as number, p5)) | 0, 11), p1);
    h = Math.imul(h ^ (h >>> 15), p2);
    h = Math.imul(h ^ (h >>> 13), p3);
    return (h ^ (h >>> 16)) >>> 0;
  }

  #stripes(data: Buffer, from: number, to: number): void {
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    for (let at = from; at < to; at += 16) {
      a = round(a, word(data, at));
      b = round(b, word(data, at + 4));
      c = round(c, word(data, at + 8));
      d = round(d, word(data, at + 12));
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}

export function xxh32(data: Buffer): number {
  const hash = new Xxh32();
  hash.update(data);
  return hash.digest();
}

function round(lane: number, input: number): number {
  return Math.imul(rotate((lane + Math.imul(input, p2)) | 0, 13), p1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(data: Buffer, at: number): number {
  return (data[at] as number) | ((data[at + 1] as number) << 8) | ((data[at + 2] as number) << 16) | ((data[at + 3] as number) << 24);
}
