// Reads the table of contents (TOC) of pg_dump archives: custom files, and `toc.dat` of the directory and
// tar formats. Layout after src/bin/pg_dump/pg_backup_archiver.c (ReadHead, ReadToc) and pg_backup_custom.c
// (_ReadExtraToc), archive versions 1.10 (PostgreSQL 8.0) to 1.16 (17, 18).
import type { ByteWindow } from './byte-window.ts';
import { incomplete, notRecognised } from './dump-errors.ts';

export type TocEntry = {
  dumpId: number;
  /** Whether pg_dump wrote data for it. */
  hadDumper: boolean;
  tableOid: number;
  oid: number;
  /** The object's name, with its table's before it for parts of a table (`orders orders_pkey`). */
  tag: string;
  /** `TABLE`, `TABLE DATA`, `FK CONSTRAINT` … */
  desc: string;
  /** 1 none, 2 pre-data, 3 data, 4 post-data; 0 where the archive is too old to say. */
  section: number;
  defn: string;
  dropStmt: string;
  copyStmt: string;
  /** The schema; empty where it has none. */
  namespace: string;
  tablespace: string;
  tableam: string;
  /** `pg_class.relkind` as a letter; empty before archive version 1.16. */
  relkind: string;
  owner: string;
  dependencies: number[];
  /** Custom format: where its data block begins. `noPosition`: the archive was written to a pipe; `field` is where
   * the position would stand in the file. */
  data: { state: 'none' } | { state: 'noPosition'; field: number } | { state: 'at'; offset: number } | { state: 'file'; name: string };
};

export type ArchiveCompression = 'none' | 'gzip' | 'lz4' | 'zstd';

export type Toc = {
  /** `[1, 14, 0]`. */
  version: [number, number, number];
  intSize: number;
  offSize: number;
  format: 'custom' | 'files';
  compression: ArchiveCompression;
  /** Milliseconds since 1970, reading the archive's zoneless time as this machine's, as `pg_restore --list` does. */
  createdAt: number | null;
  database: string;
  /** The dumped server's version, e.g. `15.18 (Debian 15.18-1)`. */
  serverVersion: string;
  dumpedBy: string;
  encoding: string;
  entries: TocEntry[];
};

export const newestArchiveMinor = 16;
const largestEntryBytes = 512 * 1024 * 1024;

/** Thrown while an entry is parsed and the window does not hold it whole yet. */
class NeedMore extends Error {
  readonly bytes: number;
  constructor(bytes: number) {
    super('more bytes are needed');
    this.bytes = bytes;
  }
}

type Decode = (bytes: Buffer) => string;
type Head = Omit<Toc, 'entries' | 'encoding'>;

/**
 * Reads header and TOC and leaves the window at the first byte behind them.
 * Errors: DUMP_NOT_RECOGNISED (not an archive, or of an unknown version), DUMP_INCOMPLETE.
 */
export async function readToc(window: ByteWindow): Promise<Toc> {
  const head = await readWhole(window, (cursor) => readHead(cursor));
  return { ...head, ...(await readEntries(window, head)) };
}

/** Reads the entries alone: pg_dump 17 and newer append them a second time when writing to a redirected file. */
export async function readEntries(window: ByteWindow, head: Head): Promise<Pick<Toc, 'encoding' | 'entries'>> {
  const cursorOf = (): Cursor => new Cursor(window, head.intSize, head.offSize);
  const count = await readWhole(window, () => cursorOf().commitInt());
  if (count < 0) throw incomplete('its table of contents has an impossible number of entries');
  const entries: TocEntry[] = [];
  const seen = new Set<number>();
  let encoding = 'UTF8';
  let decode = decoderFor(encoding);
  for (let index = 0; index < count; index++) {
    const entry = await readWhole(window, () => {
      const cursor = cursorOf();
      const read = readEntry(cursor, head, decode);
      cursor.commit();
      return read;
    });
    if (seen.has(entry.dumpId)) throw incomplete('its table of contents names one entry twice');
    seen.add(entry.dumpId);
    entries.push(entry);
    if (entry.desc === 'ENCODING') {
      encoding = /'([^']*)'/.exec(entry.defn)?.[1] ?? encoding;
      decode = decoderFor(encoding);
    }
  }
  return { encoding, entries };
}

/** Parses from the window, and again with more of the input while it says that it needs more. */
async function readWhole<T>(window: ByteWindow, parse: (cursor: Cursor) => T): Promise<T> {
  for (;;) {
    try {
      return parse(new Cursor(window, 4, 8));
    } catch (thrown) {
      if (!(thrown instanceof NeedMore)) throw thrown;
      if (thrown.bytes > largestEntryBytes) throw incomplete('its table of contents has an entry of an impossible size', thrown);
      // Twice what there is, so that one huge entry is not parsed again for every small read.
      await window.fill(Math.max(thrown.bytes, 2 * (window.end - window.at)));
      if (window.end - window.at < thrown.bytes) throw incomplete('it ends inside its table of contents', thrown);
    }
  }
}

/** Reads fields from a window without moving it until `commit`. */
class Cursor {
  readonly #window: ByteWindow;
  #intSize: number;
  #offSize: number;
  #at: number;

  constructor(window: ByteWindow, intSize: number, offSize: number) {
    this.#window = window;
    this.#intSize = intSize;
    this.#offSize = offSize;
    this.#at = window.at;
  }

  resize(intSize: number, offSize: number): void {
    this.#intSize = intSize;
    this.#offSize = offSize;
  }

  commit(): void {
    this.#window.at = this.#at;
  }

  commitInt(): number {
    const value = this.int();
    this.commit();
    return value;
  }

  bytes(count: number): Buffer {
    const end = this.#at + count;
    if (end > this.#window.end) throw new NeedMore(end - this.#window.at);
    const bytes = this.#window.buffer.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  byte(): number {
    if (this.#at >= this.#window.end) throw new NeedMore(this.#at + 1 - this.#window.at);
    return this.#window.buffer[this.#at++] as number;
  }

  /** A sign byte and `intSize` bytes, least significant first. */
  int(): number {
    const negative = this.byte() !== 0;
    const value = this.#littleEndian(this.#intSize);
    return negative ? -value : value;
  }

  /** A length and so many bytes; a negative length is NULL. */
  text(decode: Decode): string | null {
    const length = this.int();
    return length < 0 ? null : decode(this.bytes(length));
  }

  offset(): TocEntry['data'] {
    const field = this.#window.position - this.#window.at + this.#at;
    const state = this.byte();
    const offset = this.#littleEndian(this.#offSize);
    if (state === 1) return { state: 'noPosition', field };
    if (state === 2) return { state: 'at', offset };
    if (state === 3) return { state: 'none' };
    throw incomplete('its table of contents has an entry with an unknown kind of data');
  }

  #littleEndian(size: number): number {
    const bytes = this.bytes(size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (bytes[i] as number);
    if (value > Number.MAX_SAFE_INTEGER) throw incomplete('its table of contents has an impossible number');
    return value;
  }
}

function readHead(first: Cursor): Head {
  const decode = decoderFor('UTF8');
  if (first.bytes(5).toString('latin1') !== 'PGDMP') {
    throw notRecognised('The file does not begin like a pg_dump archive.', 'Choose a file that pg_dump wrote.');
  }
  const version: [number, number, number] = [first.byte(), first.byte(), first.byte()];
  const [major, minor] = version;
  if (major !== 1 || minor < 10 || minor > newestArchiveMinor) {
    throw notRecognised(
      `The archive has format version ${version.join('.')}, which this program does not know.`,
      major > 1 || minor > newestArchiveMinor
        ? 'It may come from a newer pg_dump: update this program, or dump again with pg_dump 18 or older. It may also be damaged.'
        : 'Restore it with the PostgreSQL version it comes from, and dump it again with a newer pg_dump.',
    );
  }
  const intSize = first.byte();
  const offSize = first.byte();
  const formatByte = first.byte();
  if (intSize < 2 || intSize > 8 || offSize < 2 || offSize > 8) throw incomplete('its header has impossible number sizes');
  if (formatByte !== 1 && formatByte !== 3 && formatByte !== 5) throw incomplete('its header has an unknown format');
  first.resize(intSize, offSize);
  const compression = minor >= 15 ? compressionNames[first.byte()] : first.int() === 0 ? 'none' : 'gzip';
  if (compression === undefined) throw incomplete('its header has an unknown compression');
  const [second = 0, minute = 0, hour = 0, day = 0, month = 0, year = 0] = Array.from({ length: 7 }, () => first.int());
  const created = new Date(year + 1900, month, day, hour, minute, second).getTime();
  const database = first.text(decode) ?? '';
  const serverVersion = first.text(decode) ?? '';
  const dumpedBy = first.text(decode) ?? '';
  first.commit();
  return {
    version,
    intSize,
    offSize,
    format: formatByte === 1 ? 'custom' : 'files',
    compression,
    createdAt: Number.isNaN(created) ? null : created,
    database,
    serverVersion,
    dumpedBy,
  };
}

const compressionNames: (ArchiveCompression | undefined)[] = ['none', 'gzip', 'lz4', 'zstd'];

function readEntry(cursor: Cursor, head: Head, decode: Decode): TocEntry {
  const minor = head.version[1];
  const text = (): string => cursor.text(decode) ?? '';
  const dumpId = cursor.int();
  if (dumpId <= 0) throw incomplete('its table of contents has an entry with an impossible number');
  const hadDumper = cursor.int() !== 0;
  const tableOid = Number(text()) || 0;
  const oid = Number(text()) || 0;
  const tag = text();
  const desc = text();
  const section = minor >= 11 ? cursor.int() : 0;
  const defn = text();
  const dropStmt = text();
  const copyStmt = text();
  const namespace = text();
  const tablespace = text();
  const tableam = minor >= 14 ? text() : '';
  const relkind = minor >= 16 ? letterOf(cursor.int()) : '';
  const owner = text();
  text(); // WITH OIDS, gone since PostgreSQL 12
  const dependencies: number[] = [];
  for (;;) {
    const dependency = cursor.text(decode);
    if (dependency === null) break;
    const id = Number(dependency);
    if (!Number.isSafeInteger(id)) throw incomplete('its table of contents has a dependency that is no number');
    dependencies.push(id);
  }
  const data = head.format === 'custom' ? cursor.offset() : fileOf(text());
  return {
    dumpId,
    hadDumper,
    tableOid,
    oid,
    tag,
    desc,
    section,
    defn,
    dropStmt,
    copyStmt,
    namespace,
    tablespace,
    tableam,
    relkind,
    owner,
    dependencies,
    data,
  };
}

function fileOf(name: string): TocEntry['data'] {
  return name === '' ? { state: 'none' } : { state: 'file', name };
}

function letterOf(code: number): string {
  return code > 32 && code < 127 ? String.fromCharCode(code) : '';
}

/** Names are stored in the dumped database's encoding. What Node cannot decode is shown as Latin-1, losing nothing. */
export function decoderFor(encoding: string): Decode {
  const label = decoderLabels[encoding.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')];
  if (label === 'utf-8') return (bytes) => bytes.toString('utf8');
  if (label === undefined) return (bytes) => bytes.toString('latin1');
  const decoder = new TextDecoder(label);
  return (bytes) => decoder.decode(bytes);
}

const decoderLabels: Record<string, string> = {
  UTF8: 'utf-8',
  UNICODE: 'utf-8',
  SQLASCII: 'utf-8',
  LATIN1: 'windows-1252',
  LATIN2: 'iso-8859-2',
  LATIN9: 'iso-8859-15',
  WIN1250: 'windows-1250',
  WIN1251: 'windows-1251',
  WIN1252: 'windows-1252',
  WIN1253: 'windows-1253',
  WIN1254: 'windows-1254',
  WIN1256: 'windows-1256',
  WIN1257: 'windows-1257',
  WIN1258: 'windows-1258',
  KOI8R: 'koi8-r',
  KOI8: 'koi8-r',
  KOI8U: 'koi8-u',
  ISO88595: 'iso-8859-5',
  ISO88597: 'iso-8859-7',
  EUCJP: 'euc-jp',
  EUCKR: 'euc-kr',
  EUCCN: 'gbk',
  GB18030: 'gb18030',
  BIG5: 'big5',
};
