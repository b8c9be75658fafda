// How a command gets what is secret: the environment, a hidden prompt, or standard input. Never an argument.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ChannelKind } from '../../shared/contract/messages.ts';
import { HowdahError } from '../../shared/errors.ts';
import { allOfStdin, type Shell } from './shell.ts';

/** Kinds whose secret is an address. */
export const isUrlKind = (kind: ChannelKind['kind']): boolean => !['desktop', 'email', 'telegram'].includes(kind);

const untrimmedFirstLine = (text: string): string => text.replace(/\r?\n[\s\S]*$/, '');

export const firstLine = (text: string): string => untrimmedFirstLine(text).trim();

/** `what`: in the prompt. Errors: BAD_INPUT where there is nothing. */
export async function readSecret(shell: Shell, variable: string, what: string): Promise<string> {
  const given = shell.env[variable];
  if (given !== undefined && given !== '') return given;
  const text = shell.stdin.isTTY ? await askHidden(shell, `${what}: `) : await allOfStdin(shell);
  const secret = untrimmedFirstLine(text);
  if (secret === '')
    throw new HowdahError('BAD_INPUT', `No value was given for ${what}.`, { hint: `Set ${variable}, or pipe it in on standard input.` });
  return secret;
}

/** The first line of standard input. Errors: BAD_INPUT where it holds none. */
export async function readPassword(shell: Shell): Promise<string> {
  const password = untrimmedFirstLine(await allOfStdin(shell));
  if (password === '')
    throw new HowdahError('BAD_INPUT', 'Standard input held no password.', {
      hint: 'Pipe the password in: pass show db | howdah profile add … --password-stdin',
    });
  return password;
}

/** What is typed is not shown. */
async function askHidden({ stdin, stderr }: Shell, prompt: string): Promise<string> {
  stderr.write(prompt);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => reject(new HowdahError('CANCELLED', 'Cancelled.', { hint: 'Nothing was added.' })));
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
    stderr.write('\n');
  }
}
