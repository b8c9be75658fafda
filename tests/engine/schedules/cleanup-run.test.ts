// A cleanup on its own schedule: one that fails is told of once, by its run.
import { expect, test } from 'vitest';
import { channelFields } from '../../../shared/contract/messages.ts';
import { retentionRule } from '../../../shared/contract/retention.ts';
import { scheduleFields } from '../../../shared/contract/schedules.ts';
import { makeEngine } from '../../support/engine.ts';
import { createDatabase } from '../../support/server.ts';

test('a scheduled cleanup that fails is one failed run and one message', async () => {
  let now = Date.parse('2026-03-01T02:00:00Z');
  const engine = await makeEngine({ clock: () => now });
  const profile = await engine.addProfile({ database: await createDatabase('create table t (a int)') });
  for (let nights = 0; nights < 5; nights += 1, now += 86_400_000) await engine.backUpWell(profile.id);
  await engine.client.retention.set({ scope: { kind: 'profile', profileId: profile.id }, rule: retentionRule.parse({ keepDays: 30 }) });
  await engine.client.messages.addChannel({
    channel: channelFields.parse({ name: 'nobody', target: { kind: 'webhook' } }),
    secret: { url: 'http://127.0.0.1:9/' },
  });
  now = Date.parse('2026-05-01T02:59:30Z');
  await engine.client.schedules.create({
    schedule: scheduleFields.parse({
      name: 'tidy',
      task: { kind: 'cleanup', profileId: profile.id },
      when: { kind: 'daily', time: '03:00' },
      timeZone: 'UTC',
    }),
  });
  now += 40_000;
  await engine.engine.scheduler.once();
  expect((await engine.client.schedules.history({})).runs).toMatchObject([{ state: 'failed', error: { code: 'CONFIRMATION_NEEDED' } }]);
  expect((await engine.client.messages.deliveries({})).map(({ event }) => event)).toEqual(['cleanup-failed']);
  await engine.close();
});
