// The "Back up now" form as data, and what it asks of the engine.
import type { BackupOptions, DumpFormat } from '../../shared/contract/backups.ts';
import { tableOf } from '../ui/TablePicker.tsx';

// The contract's own lists carry the schema library with them; the page needs only the words.
export const backupStatusNames = ['running', 'succeeded', 'failed', 'cancelled', 'interrupted'] as const;

export type Method = 'auto' | 'none' | 'gzip' | 'lz4' | 'zstd';
export type Scope = 'all' | 'schemas' | 'tables';

export type BackupForm = {
  database: string;
  format: DumpFormat | 'auto';
  method: Method;
  /** Null: the method's own default. */
  level: number | null;
  jobs: number | null;
  quick: boolean;
  scope: Scope;
  schemas: string[];
  tables: ReadonlySet<string>;
  globals: boolean;
  label: string;
  deepVerify: boolean;
};

export const freshForm: BackupForm = {
  database: '',
  format: 'auto',
  method: 'auto',
  level: null,
  jobs: null,
  quick: false,
  scope: 'all',
  schemas: [],
  tables: new Set(),
  globals: false,
  label: '',
  deepVerify: false,
};

export const formatChoices: { value: DumpFormat | 'auto'; label: string }[] = [
  { value: 'auto', label: 'Automatic: fastest safe way' },
  { value: 'custom', label: 'Custom: one file' },
  { value: 'directory', label: 'Directory: parallel' },
  { value: 'plain', label: 'Plain SQL' },
  { value: 'tar', label: 'Tar' },
];

export const methodChoices: { value: Method; label: string }[] = [
  { value: 'auto', label: 'Automatic' },
  { value: 'none', label: 'None' },
  { value: 'gzip', label: 'gzip' },
  { value: 'lz4', label: 'lz4' },
  { value: 'zstd', label: 'zstd' },
];

/** Lowest and highest level of a method; null where it has none. */
export function levelsOf(method: Method): [number, number] | null {
  switch (method) {
    case 'gzip':
      return [1, 9];
    case 'lz4':
      return [1, 12];
    case 'zstd':
      return [1, 22];
    case 'auto':
    case 'none':
      return null;
  }
}

export type BackupRequest = Partial<BackupOptions>;

/** Null while something still has to be chosen. */
export function toOptions(form: BackupForm): BackupRequest | null {
  if (form.scope === 'schemas' && form.schemas.length === 0) return null;
  if (form.scope === 'tables' && form.tables.size === 0) return null;
  return {
    ...(form.database === '' ? {} : { database: form.database }),
    ...(form.format === 'auto' ? {} : { format: form.format }),
    compression: form.level === null || levelsOf(form.method) === null ? form.method : `${form.method}:${form.level}`,
    ...(form.jobs === null ? {} : { jobs: form.jobs }),
    quick: form.quick,
    schemas: form.scope === 'schemas' ? form.schemas : [],
    tables: form.scope === 'tables' ? [...form.tables].map(tableOf) : [],
    globals: form.globals,
    label: form.label,
    deepVerify: form.deepVerify,
  };
}
