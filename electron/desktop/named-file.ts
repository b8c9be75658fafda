import { resolve } from 'node:path';

/** The dump that was named on the command line (`howdah file.dump`, "open with"), as an absolute path; null without one.
 * In a checkout Electron's own arguments come first: the program's begin after its folder. */
export function namedFile(argv: string[], workingDirectory: string, appPath: string, packaged: boolean): string | null {
  const folder = argv.findIndex((word, at) => at > 0 && resolve(workingDirectory, word) === appPath);
  const own = packaged || folder < 0 ? argv.slice(1) : argv.slice(folder + 1);
  const word = own.find((one) => one !== '' && !one.startsWith('-'));
  if (word === undefined || (!packaged && folder < 0)) return null;
  return resolve(workingDirectory, word);
}
