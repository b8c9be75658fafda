// How a command gets what is secret: the environment, a hidden prompt, or standard input. Never an argument.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ChannelKind } from '../../shared/contract/messages.ts';
import { HowdahError } from '../../shared/errors.ts';

/** Kinds whose secret is an address. */
export const isUrlKind = (kind: ChannelKind['kind']): boolean => !['desktop', 'email', 'telegram'].includes(kind);

export const firstLine = (text: string): string => text.replace(/\r?\n[\s\S]*$/, '').trim();

/** `what`: in the prompt. Errors: BAD_INPUT where there is nothing. */
export async function readSecret(variable: string, what: string): Promise<string> {
  const given = process.env[variable];
  if (given !== undefined && given !== '') return given;
  const text = process.stdin.isTTY ? await askHidden(`${what}: `) : await allOfStdin();
  const secret = text.replace(/\r?\n[\s\S]*$/, '');
  if (secret === '')
    throw new HowdahError('BAD_INPUT', `No value was given for ${what}.`, { hint: `Set ${variable}, or pipe it in on standard input.` });
  return secret;
}

async function allOfStdin(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) text += String(chunk);
  return text;
}

/** What is typed is not shown. */
async function askHidden(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => reject(new HowdahError('CANCELLED', 'Cancelled.', { hint: 'Nothing was added.' })));
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
