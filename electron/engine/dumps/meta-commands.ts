// Judges the backslash commands of a script (psql reference, "Meta-Commands"). None of them is ever run.

export type MetaVerdict =
  | { kind: 'benign' }
  /** `database` is empty where the command keeps the present one. */
  | { kind: 'connect'; database: string }
  | { kind: 'blocked'; code: 'SHELL_ESCAPE' | 'META_COMMAND'; message: string };

/** `command` without its backslash, `argument` the rest of the line. */
export function judgeMeta(command: string, argument: string): MetaVerdict {
  const bare = argument.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, '');
  const shell =
    command.startsWith('!') ||
    argument.includes('`') ||
    command.includes('`') ||
    command.includes('|') ||
    (/^(o|out|g|gx|w|write)$/.test(command) && argument.includes('|')) ||
    (/^copy$/i.test(command) && /\bprogram\b/i.test(argument));
  if (shell) return { kind: 'blocked', code: 'SHELL_ESCAPE', message: `\\${command} would run a command of this machine's shell.` };
  const another = bare.includes('\\');
  if (!another && (command === 'restrict' || command === 'unrestrict') && /^\w*$/.test(argument)) return { kind: 'benign' };
  if (!another && (command === 'c' || command === 'connect')) return { kind: 'connect', database: databaseOf(argument) };
  return { kind: 'blocked', code: 'META_COMMAND', message: `\\${command} is a command of psql, not SQL: what it does cannot be foreseen.` };
}

function databaseOf(argument: string): string {
  const words = [...argument.matchAll(/"((?:[^"]|"")*)"|'((?:[^']|'')*)'|(\S+)/g)]
    .map((match) => match[1]?.replaceAll('""', '"') ?? match[2]?.replaceAll("''", "'") ?? match[3] ?? '')
    .filter((word) => !word.startsWith('-reuse-previous='));
  const first = words[0] ?? '';
  if (first === '-') return '';
  const conninfo = /\bdbname\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))/.exec(first);
  if (conninfo !== null) return (conninfo[1] ?? conninfo[2] ?? '').replaceAll(/\\(.)/g, '$1');
  return /^postgres(ql)?:\/\//.test(first) ? (/^\w+:\/\/[^/]*\/([^?]*)/.exec(first)?.[1] ?? '') : first;
}
