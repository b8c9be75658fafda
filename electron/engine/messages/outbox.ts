// The outbox: what is still to be sent, and what was. Written inside the transaction that records what it tells of.
import type { Delivery } from '../../../shared/contract/messages.ts';
import type { ErrorReport } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';
import { newId } from '../ids.ts';
import type { OutboxBody } from './message.ts';

export type OutboxRow = {
  id: string;
  channel_id: string;
  channel: string;
  event: Delivery['event'];
  subject: string;
  body: string;
  created_at: string;
  state: Delivery['state'];
  tries: number;
  next_try_at: string | null;
  sent_at: string | null;
  error: string | null;
};

const iso = (instant: number): string => new Date(instant).toISOString();

export function toDelivery(row: OutboxRow): Delivery {
  return {
    id: row.id,
    channelId: row.channel_id,
    channel: row.channel,
    event: row.event,
    subject: row.subject,
    createdAt: row.created_at,
    state: row.state,
    tries: row.tries,
    nextTryAt: row.next_try_at,
    sentAt: row.sent_at,
    error: row.error === null ? null : (JSON.parse(row.error) as ErrorReport),
  };
}

export type OutboxStore = ReturnType<typeof outboxStore>;

/** Typed reads and writes over `outbox`. Insertion order is the order of sending. */
export function outboxStore(catalog: Sqlite) {
  const insert = catalog.prepare(
    `insert into outbox (id, channel_id, channel, event, subject, body, created_at, state, tries, next_try_at, sent_at, error)
     values (@id, @channel_id, @channel, @event, @subject, @body, @created_at, @state, @tries, @next_try_at, @sent_at, @error)`,
  );
  const waiting = catalog.prepare<[], OutboxRow>("select * from outbox where state = 'waiting' order by rowid");
  const waitingOf = catalog.prepare<[string], OutboxRow>("select * from outbox where state = 'waiting' and channel_id = ? order by rowid");
  const due = catalog.prepare<[string], { channel_id: string }>(
    "select distinct channel_id from outbox where state = 'waiting' and next_try_at <= ?",
  );
  const list = catalog.prepare<[number], OutboxRow>('select * from outbox order by rowid desc limit ?');
  const listOf = catalog.prepare<[string, number], OutboxRow>('select * from outbox where channel_id = ? order by rowid desc limit ?');
  const byId = catalog.prepare<[string], OutboxRow>('select * from outbox where id = ?');
  const claim = catalog.prepare<[string, string, number, string | null]>(
    `update outbox set tries = tries + 1, next_try_at = ? where id = ? and state = 'waiting' and tries = ? and next_try_at is ?`,
  );
  const sent = catalog.prepare<[string, string | null, string]>(
    "update outbox set state = 'sent', sent_at = ?, next_try_at = null, error = ? where id = ?",
  );
  const again = catalog.prepare<[string, string, string]>('update outbox set next_try_at = ?, error = ? where id = ?');
  const failed = catalog.prepare<[string, string]>("update outbox set state = 'failed', next_try_at = null, error = ? where id = ?");
  const hasten = catalog.prepare<[string, string]>("update outbox set next_try_at = ? where state = 'waiting' and channel_id = ?");
  const toldSince = catalog.prepare<[string, string, string], { id: string }>(
    'select id from outbox where created_at > ? and channel_id = ? and subject = ? limit 1',
  );
  const putRight = catalog.prepare<[string, string, string]>(
    `update outbox set next_try_at = ? where state = 'waiting' and next_try_at > case tries when 0 then ? else ? end`,
  );
  const digestSince = catalog.prepare<[string, string], { id: string }>(
    "select id from outbox where channel_id = ? and event = 'digest' and created_at >= ? limit 1",
  );

  return {
    /** Goes out as soon as somebody sends. */
    add(channel: { id: string; name: string }, event: Delivery['event'], subject: string, body: OutboxBody, now: number): void {
      insert.run({
        id: newId('msg'),
        channel_id: channel.id,
        channel: channel.name,
        event,
        subject,
        body: JSON.stringify(body),
        created_at: iso(now),
        state: 'waiting',
        tries: 0,
        next_try_at: iso(now),
        sent_at: null,
        error: null,
      });
    },
    /** What was sent at once, or was not: for tests of a channel. */
    addEnded(
      id: string,
      channel: { id: string; name: string },
      subject: string,
      body: OutboxBody,
      now: number,
      error: ErrorReport | null,
    ): Delivery {
      const row: OutboxRow = {
        id,
        channel_id: channel.id,
        channel: channel.name,
        event: 'test',
        subject,
        body: JSON.stringify(body),
        created_at: iso(now),
        state: error === null ? 'sent' : 'failed',
        tries: 1,
        next_try_at: null,
        sent_at: error === null ? iso(now) : null,
        error: error === null ? null : JSON.stringify(error),
      };
      insert.run(row);
      return toDelivery(row);
    },
    get: (id: string): OutboxRow | undefined => byId.get(id),
    waiting: (): OutboxRow[] => waiting.all(),
    waitingOf: (channelId: string): OutboxRow[] => waitingOf.all(channelId),
    /** Channels with something due. */
    dueChannels: (now: number): string[] => due.all(iso(now)).map((row) => row.channel_id),
    /** Newest first. */
    list: (channelId: string | undefined, limit: number): Delivery[] =>
      (channelId === undefined ? list.all(limit) : listOf.all(channelId, limit)).map(toDelivery),
    /** Takes one row for this process until `lease`; false where another was faster. One that dies with a row in hand leaves
     * it waiting, and it goes out again after the lease: at least once, not exactly once. */
    claim: (row: OutboxRow, lease: number): boolean => claim.run(iso(lease), row.id, row.tries, row.next_try_at).changes === 1,
    /** `partly`: whom it did not reach. */
    sent: (id: string, now: number, partly: ErrorReport | null): void =>
      void sent.run(iso(now), partly === null ? null : JSON.stringify(partly), id),
    again: (id: string, at: number, error: ErrorReport): void => void again.run(iso(at), JSON.stringify(error), id),
    failed: (id: string, error: ErrorReport): void => void failed.run(JSON.stringify(error), id),
    /** The channel works again, or was changed: what waits is tried now. */
    hasten: (channelId: string, now: number): void => void hasten.run(iso(now), channelId),
    /** The clock went back: what would wait for a time that no rule asks for is due now. `longest`: milliseconds. */
    putRight: (now: number, longest: number): void => void putRight.run(iso(now), iso(now), iso(now + longest)),
    /** Whether the channel was told the same since then. */
    hasToldSince: (channelId: string, subject: string, since: number): boolean =>
      toldSince.get(iso(since), channelId, subject) !== undefined,
    hasDigestSince: (channelId: string, since: number): boolean => digestSince.get(channelId, iso(since)) !== undefined,
  };
}
