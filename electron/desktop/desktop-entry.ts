// A file below ~/.config/autostart is how Linux desktops start programs at login.
// https://specifications.freedesktop.org/autostart-spec/latest/ and .../desktop-entry-spec/latest/exec-variables.html
import { join } from 'node:path';

/** `$XDG_CONFIG_HOME/autostart/howdah.desktop`. */
export function autostartFile(env: NodeJS.ProcessEnv, userHome: string): string {
  const given = env['XDG_CONFIG_HOME'];
  return join(given?.startsWith('/') ? given : join(userHome, '.config'), 'autostart', 'howdah.desktop');
}

/** The file's text. `command`: the program and its arguments, word by word. */
export function autostartEntry(command: string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Howdah',
    'Comment=Runs scheduled PostgreSQL backups',
    `Exec=${command.map(execWord).join(' ')}`,
    'Icon=howdah',
    'Terminal=false',
    'StartupNotify=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** Whether a desktop would start it: it may have been switched off in the desktop's own settings. */
export function entryIsOn(text: string): boolean {
  const has = (line: RegExp): boolean => line.test(text);
  return has(/^Exec=./m) && !has(/^Hidden=true\s*$/im) && !has(/^X-GNOME-Autostart-enabled=false\s*$/im);
}

/** The words of its `Exec` line. */
export function commandOf(text: string): string[] {
  const line = /^Exec=(.*)$/m.exec(text)?.[1] ?? '';
  const unescaped = line.replaceAll('\\\\', '\\');
  return [...unescaped.matchAll(/"((?:[^"\\]|\\.)*)"|[^\s"]+/g)].map(([word, quoted]) =>
    (quoted === undefined ? word : quoted.replace(/\\(.)/g, '$1')).replaceAll('%%', '%'),
  );
}

/** Quoted for `Exec`, then escaped as a string of the file: a backslash of the first becomes two of the second. */
function execWord(word: string): string {
  const literal = word.replaceAll('%', '%%');
  if (/^[\w@%+=:,./-]+$/.test(literal)) return literal;
  return `"${literal.replace(/["`$\\]/g, '\\$&')}"`.replaceAll('\\', '\\\\');
}
