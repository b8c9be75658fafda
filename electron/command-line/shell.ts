// What the command line gets from whoever starts it. `process` is one.
import type { EventEmitter } from 'node:events';

/** It tells of SIGINT and SIGTERM, and a program that stays hears of faults that nobody took. */
export type Shell = Pick<EventEmitter, 'on' | 'off'> & {
  env: NodeJS.ProcessEnv;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown; isTTY?: boolean };
};

/** Standard input to its end. */
export async function allOfStdin({ stdin }: Shell): Promise<string> {
  let text = '';
  stdin.setEncoding('utf8');
  for await (const chunk of stdin) text += String(chunk);
  return text;
}
