// What the engine is told of becomes rows of the outbox; while this process leads, they are sent.
import { reportOf } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { createChannels } from './channels.ts';
import { compose } from './compose.ts';
import { createDeliverer } from './deliver.ts';
import { composeDigest, lastDigestTime } from './digest.ts';
import { meaningOf, pingOf, pingsFor, recoveryOf, wantedEvent } from './events.ts';
import { noData, type Message, type OutboxBody } from './message.ts';
import { outboxStore } from './outbox.ts';
import { surroundings } from './surroundings.ts';
import type { Messages, Told } from './told.ts';

/** How often the outbox is looked at for what other processes wrote. A cheap look: one index. */
const lookEveryMs = 5_000;
const aDay = 86_400_000;
/** So long a closing process waits for what it is sending. */
const closingMs = 3_000;

export function createMessages({
  ports,
  catalog,
  profiles,
  events,
}: Pick<EngineContext, 'ports' | 'catalog' | 'profiles' | 'events'>): Messages {
  const channels = createChannels(catalog, ports);
  const outbox = outboxStore(catalog);
  const around = surroundings(catalog, profiles);
  const recovers = recoveryOf(catalog);
  const ending = new AbortController();
  const deliverer = createDeliverer(ports, channels, outbox, () => events.emit({ kind: 'catalogChanged' }), ending.signal);
  let leading = false;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  let round: Promise<void> | null = null;
  const atWork = (): boolean => leading || ports.host.notify !== null;

  /** Rounds never overlap: whoever asks during one is answered by the next. */
  function runRound(all: boolean): Promise<void> {
    const before = round ?? Promise.resolve();
    const next = before.then(async () => {
      if (closed) return;
      if (all) addDigests();
      await deliverer.round(all);
    });
    const settled = next
      .catch((thrown: unknown) => ports.log.error('sending messages failed', thrown))
      .finally(() => {
        if (round === settled) round = null;
      });
    round = settled;
    return settled;
  }
  function lookIn(ms: number): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (closed || !atWork()) return;
    timer = setTimeout(() => {
      timer = null;
      // A round that takes long (a server that does not answer) must not pile up others behind it.
      if (round === null) void runRound(leading).then(() => lookIn(lookEveryMs));
      else lookIn(lookEveryMs);
    }, ms);
    timer.unref();
  }

  /** Its own transaction: never called from within another. */
  function addDigests(): void {
    const now = ports.clock();
    const since = lastDigestTime(now);
    const wanting = (): ReturnType<typeof channels.list> =>
      channels
        .list()
        .filter((one) => one.enabled && one.target.kind !== 'ping' && one.events.includes('digest'))
        .filter((one) => Date.parse(one.createdAt) < since && !outbox.hasDigestSince(one.id, since));
    if (wanting().length === 0) return;
    catalog
      .transaction(() => {
        for (const channel of wanting()) {
          const message = composeDigest(catalog, channel.scheduleIds, since, around.machineZone, now);
          outbox.add(channel, 'digest', message.subject, { kind: 'message', message }, now);
        }
      })
      .immediate();
  }

  type Entry = {
    channel: ReturnType<typeof channels.list>[number];
    event: Parameters<typeof outbox.add>[1];
    subject: string;
    body: OutboxBody;
  };

  function tell(told: Told): void {
    const now = ports.clock();
    const entries = entriesFor(told, now);
    for (const { channel, event, subject, body } of entries) outbox.add(channel, event, subject, body, now);
    // The transaction around this call ends before any timer runs.
    if (entries.length > 0) lookIn(20);
  }

  /** Who hears what. A fault in here must not undo the record that is told of: it goes to the log. */
  function entriesFor(told: Told, now: number): Entry[] {
    try {
      const meaning = meaningOf(told, recovers);
      const listening = channels.list().filter((channel) => channel.enabled);
      return listening.flatMap((channel) => entryFor(channel, told, meaning, now) ?? []);
    } catch (thrown) {
      ports.log.error('nobody could be told of what happened', thrown);
      return [];
    }
  }

  function entryFor(channel: Entry['channel'], told: Told, meaning: ReturnType<typeof meaningOf>, now: number): Entry | null {
    if (channel.target.kind === 'ping') {
      const ping = pingOf(told);
      const run = told.kind === 'run-started' || told.kind === 'run-ended' ? told.run : null;
      if (ping === null || run === null || !pingsFor(channel, run) || (ping === 'start' && !channel.target.withStart)) return null;
      return { channel, event: 'ping', subject: `${ping}: ${run.schedule}`, body: { kind: 'ping', ping } };
    }
    const event = meaning === null ? null : wantedEvent(channel, meaning);
    if (event === null || told.kind === 'run-started') return null;
    const message = composedOrPlain(told, event === 'recovered', event, now);
    // A disk that cannot be written fails for every old backup, after every new one: said once a day.
    if (told.kind === 'cleanup-failed' && outbox.hasToldSince(channel.id, message.subject, now - aDay)) return null;
    return { channel, event, subject: message.subject, body: { kind: 'message', message: { ...message, event } } };
  }

  /** A fault in how a message is put together must not undo the record that it tells of. */
  function composedOrPlain(
    told: Exclude<Told, { kind: 'run-started' }>,
    recovered: boolean,
    event: Message['event'],
    now: number,
  ): Message {
    try {
      return compose(told, recovered, around, now);
    } catch (thrown) {
      ports.log.error('a message could not be put together', thrown);
      const schedule = told.kind === 'run-ended' ? told.run.schedule : told.kind === 'alarm' ? told.schedule : '';
      return {
        event,
        tone: 'attention',
        state: event.toUpperCase(),
        subject: `${event.toUpperCase()}: ${schedule}`,
        summary: 'Howdah could not put the details together. Open its calendar to see them.',
        facts: [],
        items: null,
        error: reportOf(thrown),
        at: new Date(now).toISOString(),
        page: 'schedules',
        data: noData,
      };
    }
  }

  lookIn(0);
  return {
    tell,
    lead(now) {
      leading = now;
      lookIn(0);
    },
    async deliver(patienceMs = 0) {
      const until = performance.now() + patienceMs;
      await runRound(true);
      for (;;) {
        const next = deliverer.nextAt();
        const wait = next === null ? Number.POSITIVE_INFINITY : Math.max(0, next - ports.clock());
        if (closed || performance.now() + wait > until) return;
        await new Promise<void>((resolve) => setTimeout(resolve, Math.max(wait, 50)));
        await runRound(true);
      }
    },
    async close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      const last = round;
      closed = true;
      if (last !== null) {
        const limit = setTimeout(() => ending.abort(), closingMs);
        await last;
        clearTimeout(limit);
      }
      ending.abort();
    },
  };
}
