import { expect, test } from 'vitest';
import {
  channelForm,
  channelInput,
  channelProblems,
  eventChoices,
  eventWords,
  kinds,
  secretsOf,
} from '../../../renderer/messages/channel-form.ts';
import { channelFields, messageEvents, type ChannelFields } from '../../../shared/contract/messages.ts';

const targets: ChannelFields['target'][] = [
  { kind: 'desktop' },
  {
    kind: 'email',
    host: 'smtp.example.org',
    port: 465,
    security: 'tls',
    caFile: '/ca.pem',
    user: 'u',
    from: 'Backup <b@example.org>',
    to: ['a@example.org'],
  },
  { kind: 'slack' },
  { kind: 'teams' },
  { kind: 'discord' },
  { kind: 'telegram', chatId: '-100' },
  { kind: 'webhook' },
  { kind: 'ping', withStart: false },
];

test('every kind and every event of the contract can be chosen', () => {
  expect(targets.map(({ kind }) => kind).toSorted()).toEqual(kinds.map(({ value }) => value).toSorted());
  expect(eventChoices.map(({ value }) => value).toSorted()).toEqual([...messageEvents].toSorted());
});

test.each(targets)('a channel that is edited and changed in nothing stays as it is: $kind', (target) => {
  const channel = channelFields.parse({ name: 'x', target, enabled: false, scheduleIds: ['sch_1'] });
  expect(channelInput(channelForm(channel)).channel).toEqual({
    ...channel,
    events: eventChoices.map((one) => one.value).filter((one) => channel.events.includes(one)),
  });
  // With everything on file, nothing has to be typed again, and nothing is sent again.
  expect(channelProblems(channelForm(channel), secretsOf(target.kind))).toEqual({});
  expect(channelInput(channelForm(channel)).secret).toEqual({});
});

test('only the secrets that a kind has are handed in', () => {
  const form = {
    ...channelForm(null),
    kind: 'slack' as const,
    secret: { url: 'https://a', password: 'p', token: 't', signingKey: 'k', apiBase: '' },
  };
  expect(channelInput(form).secret).toEqual({ url: 'https://a' });
});

test('what is missing is said under its own field', () => {
  expect(Object.keys(channelProblems(channelForm(null), []))).toEqual(['name', 'host', 'from', 'to']);
  expect(Object.keys(channelProblems({ ...channelForm(null), name: 'x', kind: 'webhook' }, []))).toEqual(['url']);
  const url = { ...channelForm(null), name: 'x', kind: 'slack' as const };
  expect(channelProblems({ ...url, secret: { ...url.secret, url: 'ftp://x' } }, ['url'])).toHaveProperty('url');
  expect(channelProblems({ ...url, events: [] }, ['url'])).toHaveProperty('events');
});

test('what a channel is told is said in a few words', () => {
  const channel = { target: { kind: 'slack' as const }, events: channelForm(null).events };
  expect(eventWords(channel)).toBe('whatever goes wrong, and when it is well again');
  expect(eventWords({ ...channel, events: ['failed', 'digest'] })).toBe('A run failed, digest of the week');
});
