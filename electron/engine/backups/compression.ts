// Which compression, at which level, and who does it: pg_dump itself, or we on its way to disk.
import type { DumpFormat } from '../../../shared/contract/backups.ts';
import { assertNever, HowdahError } from '../../../shared/errors.ts';

export type CompressionMethod = 'none' | 'gzip' | 'lz4' | 'zstd';

export type Compression = {
  method: CompressionMethod;
  /** Null: the method's own default. */
  level: number | null;
  /** `pg_dump` inside the archive (or plain text as it writes it); `outer`: around the whole output. */
  by: 'nobody' | 'pg_dump' | 'outer';
};

export type CompressionAbilities = {
  clientMajor: number;
  /** Methods that this pg_dump was built with. */
  clientMethods: CompressionMethod[];
  /** Whether this machine can compress a stream with zstd outside of pg_dump. */
  outerZstd: boolean;
};

/** Measured on two cores: level 1 keeps up with what a server sends, and is no larger than pg_dump's gzip. */
const autoZstdLevel = 1;

/** The text of the contract: `zstd:1`, `none`. */
export const describeCompression = ({ method, level }: Compression): string => (level === null ? method : `${method}:${level}`);

/** Resolves format and compression. Errors: BAD_INPUT where client or format cannot do what is asked. */
export function resolveCompression(
  wanted: string,
  format: DumpFormat | undefined,
  able: CompressionAbilities,
): { format: DumpFormat; compression: Compression } {
  const [word = 'auto', levelText] = wanted.split(':');
  const level = levelText === undefined ? null : Number(levelText);
  if (word === 'auto') return automatic(format, able);
  const method = word as CompressionMethod;
  const chosen = format ?? 'custom';
  requireLevel(method, level);
  if (method === 'none') return { format: chosen, compression: { method, level: null, by: 'nobody' } };
  // A tar archive cannot be compressed inside; around it, any reader can undo it.
  if (chosen !== 'tar' && able.clientMethods.includes(method)) return { format: chosen, compression: { method, level, by: 'pg_dump' } };
  if (method === 'gzip') return { format: chosen, compression: { method, level, by: 'outer' } };
  if (method === 'zstd' && chosen !== 'directory' && able.outerZstd) return { format: chosen, compression: { method, level, by: 'outer' } };
  if (chosen === 'tar') {
    throw new HowdahError('BAD_INPUT', `A tar dump cannot be compressed with ${method} here.`, {
      hint: 'Choose gzip, or the custom or directory format.',
    });
  }
  throw new HowdahError(
    'BAD_INPUT',
    able.clientMajor >= 16
      ? `This build of pg_dump ${able.clientMajor} cannot compress with ${method}.`
      : `pg_dump ${able.clientMajor} cannot compress ${chosen === 'directory' ? 'the directory format ' : ''}with ${method}; that needs a client of version 16 or newer.`,
    { hint: 'Install newer client programs, or choose gzip or auto.' },
  );
}

/** Free to choose: the fastest safe way. Where a format is asked for, whatever reads that format must read the result
 * as it is: pg_dump's own compression inside archives, none around text and tar. */
function automatic(format: DumpFormat | undefined, able: CompressionAbilities): { format: DumpFormat; compression: Compression } {
  const inside: Compression = able.clientMethods.includes('zstd')
    ? { method: 'zstd', level: autoZstdLevel, by: 'pg_dump' }
    : { method: 'gzip', level: null, by: 'pg_dump' };
  switch (format) {
    case undefined:
      if (inside.method === 'zstd') return { format: 'directory', compression: inside };
      return { format: 'custom', compression: able.outerZstd ? { method: 'zstd', level: autoZstdLevel, by: 'outer' } : inside };
    case 'custom':
    case 'directory':
      return { format, compression: inside };
    case 'plain':
    case 'tar':
      return { format, compression: { method: 'none', level: null, by: 'nobody' } };
    default:
      return assertNever(format);
  }
}

function requireLevel(method: CompressionMethod, level: number | null): void {
  const ranges: Record<CompressionMethod, [number, number]> = { none: [0, 0], gzip: [1, 9], lz4: [1, 12], zstd: [1, 22] };
  const [least, most] = ranges[method];
  if (level === null || (level >= least && level <= most)) return;
  throw new HowdahError('BAD_INPUT', `${method} has no level ${level}.`, { hint: `Choose a level from ${least} to ${most}.` });
}
