// Reads tar-format dumps (POSIX ustar as pg_backup_tar.c writes it) by their headers. A tar that is cut off makes
// pg_restore spin for ever or pass, so it must have been walked here to its two end blocks first.
import type { ArchiveWalk } from './archive-data.ts';
import type { ByteWindow } from './byte-window.ts';
import { incomplete, notRecognised } from './dump-errors.ts';
import { readToc, type Toc } from './toc.ts';

const block = 512;
const mostLargeObjectNames = 64 * 1024 * 1024;

type Member = { name: string; size: number };

/** Reads the TOC, the first member that pg_dump writes, and leaves the window behind it. */
export async function readTarToc(window: ByteWindow): Promise<Toc> {
  const first = await nextMember(window);
  if (first === 'end') throw notRecognised('The tar archive is empty.', 'Choose a file that pg_dump --format=tar wrote.');
  if (typeof first === 'string') throw incomplete(first);
  if (first.name !== 'toc.dat') {
    throw notRecognised(
      'The tar archive does not begin with the toc.dat of a dump.',
      'If it packs a folder that pg_dump --format=directory wrote, unpack it with tar and open the folder.',
    );
  }
  const start = window.position;
  const toc = await readToc(window);
  const read = window.position - start;
  if (read > first.size) throw incomplete('its table of contents is longer than the tar archive says');
  if (!(await window.skip(padded(first.size) - read))) throw incomplete('it ends inside its table of contents');
  return toc;
}

/** Walks all members behind the TOC to the end of the archive; the window stands there after `readTarToc`. */
export async function walkTar(window: ByteWindow, toc: Toc): Promise<ArchiveWalk> {
  const sizes = new Map<number, number>();
  const members = new Map<string, number>();
  const listed: string[] = [];
  const bad = (state: 'cutOff' | 'damaged', detail: string): ArchiveWalk => ({ state, detail, sizes });

  for (;;) {
    const member = await nextMember(window);
    if (member === 'end') break;
    if (typeof member === 'string') return bad(member === headerDamaged ? 'damaged' : 'cutOff', member);
    members.set(member.name, member.size);
    if (/^blobs.*\.toc$/.test(member.name) && member.size <= mostLargeObjectNames) {
      if (!(await window.fill(padded(member.size)))) return bad('cutOff', `it ends inside ${member.name}`);
      listed.push(...window.buffer.toString('latin1', window.at, window.at + member.size).split('\n'));
    }
    if (!(await window.skip(padded(member.size)))) return bad('cutOff', `it ends inside ${member.name}`);
  }
  for (const line of listed) {
    const name = line.slice(line.indexOf(' ') + 1);
    if (line !== '' && !members.has(name)) return bad('cutOff', `the large object ${name} is missing`);
  }
  for (const entry of toc.entries) {
    if (entry.data.state !== 'file') continue;
    if (entry.desc === 'BLOBS') {
      // Listed under a name of its own: blobs.toc, or blobs_ID.toc since PostgreSQL 17.
      if (members.has('blobs.toc') || members.has(`blobs_${entry.dumpId}.toc`)) continue;
      return bad('cutOff', 'the list of large objects is missing');
    }
    const size = members.get(entry.data.name) ?? members.get(`${entry.data.name}.gz`);
    if (size === undefined) return bad('cutOff', `the file ${entry.data.name} with the data of ${entry.tag} is missing`);
    sizes.set(entry.dumpId, size);
  }
  return { state: 'whole', detail: '', sizes };
}

const headerDamaged = 'a header inside it does not match its checksum';

/** The next member, `end` behind two end blocks with nothing but zeros to follow, or what is wrong. */
async function nextMember(window: ByteWindow): Promise<Member | string> {
  if (!(await window.fill(block))) return 'it ends before its end blocks';
  const header = window.buffer.subarray(window.at, window.at + block);
  if (isZero(header)) {
    if (!(await window.fill(2 * block)) || !isZero(window.buffer.subarray(window.at, window.at + 2 * block))) {
      return 'it ends before its second end block';
    }
    while (window.at < window.end || (await window.fill(1))) {
      if (!isZero(window.buffer.subarray(window.at, window.end))) return headerDamaged;
      window.at = window.end;
    }
    return 'end';
  }
  if (!checksumFits(header)) return headerDamaged;
  const size = numberAt(header, 124, 12);
  if (size === null) return headerDamaged;
  const name = textAt(header, 0, 100);
  window.at += block;
  return { name, size };
}

/** The checksum is the sum of the header's bytes, its own field counted as spaces. */
export function checksumFits(header: Buffer): boolean {
  let sum = 8 * 32;
  for (let i = 0; i < block; i++) if (i < 148 || i >= 156) sum += header[i] as number;
  return numberAt(header, 148, 8) === sum;
}

/** Octal text, or base 256 for members of 8 GiB and more. */
function numberAt(header: Buffer, at: number, length: number): number | null {
  if (header[at] === 0x80) {
    let value = 0;
    for (let i = at + 1; i < at + length; i++) value = value * 256 + (header[i] as number);
    return Number.isSafeInteger(value) ? value : null;
  }
  const digits = textAt(header, at, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : null;
}

function textAt(header: Buffer, at: number, length: number): string {
  const text = header.toString('latin1', at, at + length);
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

function padded(size: number): number {
  return Math.ceil(size / block) * block;
}
