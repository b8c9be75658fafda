import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logStart, openJobLog, readJobLog, redact } from '../../../electron/engine/jobs/log-file.ts';
import { makeHome } from '../../support/home.ts';

test('a reader follows a log while it grows', () => {
  const home = makeHome();
  const log = openJobLog(
    home,
    'job_a',
    () => 0,
    () => undefined,
  );
  const cursor = logStart();
  expect(readJobLog(home, 'job_a', cursor)).toEqual([]);
  log.write('info', 'one');
  log.write('warning', 'two\nlines');
  expect(readJobLog(home, 'job_a', cursor).map((line) => [line.sequence, line.text])).toEqual([
    [1, 'one'],
    [2, 'two\nlines'],
  ]);
  expect(readJobLog(home, 'job_a', cursor)).toEqual([]);
  log.write('error', 'three');
  expect(readJobLog(home, 'job_a', cursor)).toMatchObject([{ sequence: 3, level: 'error' }]);
  expect(statSync(join(home, 'jobs', 'job_a.jsonl')).mode & 0o777).toBe(0o600);
});

test.each([
  ['to postgresql://ann:s3cr:et@db/x', 'to postgresql://ann:****@db/x'],
  ['postgres://:pw@db', 'postgres://:****@db'],
  ["host=a password='it\\'s' user=b", 'host=a password=**** user=b'],
  ['postgresql://ann@db/x stays', 'postgresql://ann@db/x stays'],
])('%s', (text, shown) => expect(redact(text)).toBe(shown));
