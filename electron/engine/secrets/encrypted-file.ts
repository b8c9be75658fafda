// Where no keychain exists: one encrypted file and its key beside it, both 0600.
// It keeps passwords out of backups of the folder's other files and out of sight, not from whoever can read both.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { HowdahError } from '../../../shared/errors.ts';
import type { SecretStore } from '../ports.ts';

type Entry = { iv: string; tag: string; text: string };

export function openEncryptedFile(homeDirectory: string): SecretStore {
  const folder = join(homeDirectory, 'secrets');
  const file = join(folder, 'passwords.json');
  const keyFile = join(folder, 'key');

  const key = (): Buffer => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(keyFile)) {
      try {
        const fd = openSync(keyFile, 'wx', 0o600);
        writeSync(fd, randomBytes(32));
        fsyncSync(fd);
        closeSync(fd);
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
      }
    }
    const bytes = readFileSync(keyFile);
    if (bytes.length !== 32) throw new Error('the key file has the wrong length');
    return bytes;
  };
  const read = (): Record<string, Entry> => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Entry>) : {});
  const write = (entries: Record<string, Entry>): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const next = `${file}.${process.pid}.partial`;
    const fd = openSync(next, 'w', 0o600);
    writeSync(fd, JSON.stringify(entries));
    fsyncSync(fd);
    closeSync(fd);
    renameSync(next, file);
  };
  const guarded = async <T>(what: string, work: () => T): Promise<T> => {
    try {
      return work();
    } catch (thrown) {
      throw new HowdahError(
        'SECRET_STORE_FAILED',
        `The password could not be ${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
        {
          hint: `See that ${folder} can be read and written by you; where it is damaged, remove it and enter the passwords again.`,
          cause: thrown,
        },
      );
    }
  };

  return {
    kind: 'encrypted-file',
    warning: `No system keychain was found. Passwords are kept encrypted in ${file}, readable by your user only; whoever can read your files as you can decrypt them.`,
    get: (id) =>
      guarded('read', () => {
        const entry = read()[id];
        if (entry === undefined) return null;
        const decipher = createDecipheriv('aes-256-gcm', key(), Buffer.from(entry.iv, 'base64'));
        decipher.setAAD(Buffer.from(id));
        decipher.setAuthTag(Buffer.from(entry.tag, 'base64'));
        return Buffer.concat([decipher.update(Buffer.from(entry.text, 'base64')), decipher.final()]).toString('utf8');
      }),
    set: (id, password) =>
      guarded('stored', () => {
        const iv = randomBytes(12);
        const cipher = createCipheriv('aes-256-gcm', key(), iv);
        cipher.setAAD(Buffer.from(id));
        const text = Buffer.concat([cipher.update(password, 'utf8'), cipher.final()]);
        write({
          ...read(),
          [id]: { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), text: text.toString('base64') },
        });
      }),
    remove: (id) =>
      guarded('removed', () => {
        const { [id]: _gone, ...rest } = read();
        write(rest);
      }),
  };
}
