// A real server behind a door that falls silent: nothing may wait for it for ever.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HowdahError } from '../../../shared/errors.ts';
import { connect, withMaintenanceSession, withSession } from '../../../electron/engine/postgres/connection.ts';
import type { Target } from '../../../electron/engine/postgres/target.ts';
import { testServer } from '../../support/server.ts';
import { makeSilentDoor, type SilentDoor } from '../../support/silent-door.ts';

let door: SilentDoor;
let target: Target;
beforeEach(async () => {
  door = await makeSilentDoor();
  const { user, password } = testServer();
  const files = { sslRootCert: '', sslCert: '', sslKey: '' };
  target = { host: door.host, port: door.port, user, password, database: 'postgres', sslMode: 'disable', ...files };
});
afterEach(() => door.close());

const cancel = new HowdahError('CANCELLED', 'cancelled by the test', { hint: '' });

test('a session that only asks gives up a server without an answer, and its end does not wait either', async () => {
  const asked = withSession(
    target,
    async (session) => {
      await session.query('select 1');
      door.fallSilent();
      await session.query('select 2');
    },
    { quietMs: 200 },
  );
  await expect(asked).rejects.toMatchObject({ code: 'CONNECTION_LOST', message: expect.stringContaining('gave no answer') });
});

test('a query that is meant to be long may be: only asking ones have a limit', async () => {
  const answer = await withSession(target, (session) => session.query('select pg_sleep(0.5)'), {});
  expect(answer.rowCount).toBe(1);
});

test('the signal breaks a query, an idle session and one that still connects', async () => {
  const inQuery = new AbortController();
  const querying = withSession(target, (session) => session.query('select pg_sleep(600)'), { signal: inQuery.signal });
  const idle = new AbortController();
  const session = await connect(target, { signal: idle.signal });
  const ended = new Promise((resolve) => session.once('end', resolve));
  door.fallSilent();
  inQuery.abort(cancel);
  await expect(querying).rejects.toBe(cancel);
  idle.abort(cancel);
  await ended;
  const early = new AbortController();
  const connecting = connect(target, { signal: early.signal });
  early.abort(cancel);
  await expect(connecting).rejects.toBe(cancel);
  await expect(connect(target, { signal: early.signal })).rejects.toBe(cancel);
});

test('a time limit over all of it is no cancel', async () => {
  door.fallSilentWhenAsked();
  const asked = withMaintenanceSession(target, (session) => session.query('select 1'), { signal: AbortSignal.timeout(300) });
  await expect(asked).rejects.toMatchObject({ code: 'CONNECTION_LOST', message: expect.stringContaining('in time') });
});

test('a goodbye to a silent server ends', async () => {
  const session = await connect(target);
  const ended = new Promise((resolve) => session.once('end', () => resolve('ended')));
  door.fallSilent();
  await session.end();
  expect(await ended).toBe('ended');
});
