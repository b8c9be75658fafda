import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLogFile } from '../../electron/command-line/log-file.ts';
import { makeHome } from '../support/home.ts';

test('a log that cannot be written throws nothing, says so once, and is written again when it can be', () => {
  const home = makeHome();
  const folder = join(home, 'logs');
  writeFileSync(folder, ''); // in the way, so that nothing can be appended: also root meets that
  const said: string[] = [];
  const log = openLogFile(home, 'agent', (line) => said.push(line));
  log.error('the first', new Error('postgresql://u:secret@h/d'));
  log.warn('the second');
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('the first');
  expect(said[0]).not.toContain('secret');
  rmSync(folder);
  log.info('the third');
  expect(readFileSync(join(folder, 'agent.log'), 'utf8')).toMatch(/info the third\n$/);
});
