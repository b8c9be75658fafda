// Empties the outbox: each channel's messages in their order, a failed one again after a pause.
import { HowdahError, reportOf, type ErrorReport } from '../../../shared/errors.ts';
import type { EnginePorts } from '../ports.ts';
import type { Channels, StoredChannel } from './channels.ts';
import type { OutboxBody } from './message.ts';
import type { OutboxRow, OutboxStore } from './outbox.ts';
import { holdsUpUntil, leaseMs, longestMs, pauseAfter } from './pauses.ts';
import { notSent, type SendOutcome } from './send/outcome.ts';
import { send } from './send/send.ts';

export type Deliverer = ReturnType<typeof createDeliverer>;

export function createDeliverer(ports: EnginePorts, channels: Channels, outbox: OutboxStore, onEnded: () => void, signal: AbortSignal) {
  /** Channels whose messages this process is sending right now. */
  const busy = new Set<string>();
  const now = (): number => ports.clock();

  /** What comes next: rows that wait for another try hold up those behind them, so that order is kept. */
  function nextDue(channel: StoredChannel): OutboxRow | null {
    for (const row of outbox.waitingOf(channel.id)) {
      if (row.next_try_at !== null && Date.parse(row.next_try_at) <= now()) return row;
      // A message that a receiver always refuses must not keep an alarm back for a day; a ping's order is its meaning.
      if (channel.target.kind === 'ping' || row.tries < holdsUpUntil) return null;
    }
    return null;
  }

  async function tryOnce(channel: StoredChannel, row: OutboxRow): Promise<SendOutcome> {
    try {
      const secret = channel.holds.length === 0 ? {} : await channels.secret(channel.id);
      return await send({ target: channel.target, secret, body: JSON.parse(row.body) as OutboxBody, deliveryId: row.id }, ports, signal);
    } catch (thrown) {
      if (thrown instanceof HowdahError) return { ok: false, error: thrown, retryAfterMs: null };
      ports.log.error(`sending a message through "${channel.name}" met a fault`, thrown);
      return notSent(
        'A fault of this program kept the message from being sent.',
        'See the program log; please report this.',
        reportOf(thrown).message,
      );
    }
  }

  function record(row: OutboxRow, channel: StoredChannel, outcome: SendOutcome): void {
    const tries = row.tries + 1;
    if (outcome.ok) {
      outbox.sent(row.id, now(), partlyReport(outcome.partly));
      if (outcome.partly !== undefined)
        ports.log.warn(`the message "${row.subject}" reached not everybody of "${channel.name}": ${outcome.partly}`);
      if (tries > 1) outbox.hasten(channel.id, now());
      return;
    }
    const report = outcome.error.report();
    const pause = pauseAfter(tries);
    const wanted = pause === null ? null : Math.max(pause, outcome.retryAfterMs ?? 0);
    if (wanted === null || wanted > longestMs) {
      outbox.failed(row.id, report);
      ports.log.error(`the message "${row.subject}" was not sent through "${channel.name}", ${tries} tries: ${report.message}`);
    } else {
      outbox.again(row.id, now() + wanted, report);
      ports.log.warn(`the message "${row.subject}" is not sent yet through "${channel.name}": ${report.message}`);
    }
  }

  async function empty(channel: StoredChannel): Promise<void> {
    if (busy.has(channel.id)) return;
    busy.add(channel.id);
    try {
      for (let row = nextDue(channel); row !== null && !signal.aborted; row = nextDue(channel)) {
        if (!outbox.claim(row, now() + leaseMs)) return; // another process has it
        const outcome = await tryOnce(channel, row);
        // A try that was broken off by closing says nothing: the row is due again when its lease is over.
        if (!outcome.ok && signal.aborted) return;
        record(row, channel, outcome);
        onEnded();
        if (!outcome.ok) return;
      }
    } finally {
      busy.delete(channel.id);
    }
  }

  /** Rows that nobody will ever send, put on record as such. */
  function giveUp(): void {
    const rows = outbox.waiting();
    for (const [index, row] of rows.entries()) {
      const why =
        hopeless(row, channels.find(row.channel_id), now()) ??
        outdated(
          row,
          rows.slice(index + 1).some((other) => other.channel_id === row.channel_id),
        );
      if (why === null) continue;
      outbox.failed(row.id, why);
      onEnded();
    }
  }

  return {
    /** One round: whatever is due. Desktop notifications only where this host shows them, all else only where this process
     * may send (`all`). */
    async round(all: boolean): Promise<void> {
      outbox.putRight(now(), longestMs);
      giveUp();
      const due = outbox.dueChannels(now()).flatMap((id) => channels.find(id) ?? []);
      const ours = due.filter((channel) => (channel.target.kind === 'desktop' ? ports.host.notify !== null : all));
      await Promise.all(ours.map((channel) => empty(channel)));
    },
    /** The earliest time at which something that this process may send is due; null: nothing waits. Milliseconds since 1970. */
    nextAt(): number | null {
      const times = outbox.waiting().flatMap((row) => {
        const desktop = channels.find(row.channel_id)?.target.kind === 'desktop';
        return row.next_try_at === null || (desktop && ports.host.notify === null) ? [] : [Date.parse(row.next_try_at)];
      });
      return times.length === 0 ? null : Math.min(...times);
    },
  };
}

/** What a delivery that reached only some has on record. */
export const partlyReport = (partly: string | undefined): ErrorReport | null =>
  partly === undefined ? null : { code: 'MESSAGE_NOT_SENT', message: partly, hint: 'Correct these addresses in the channel.' };

/** A start that was refused must not keep back the success behind it: without that the receiver sounds the alarm. */
function outdated(row: OutboxRow, othersBehind: boolean): ErrorReport | null {
  if (row.event !== 'ping' || row.tries < 3 || !othersBehind) return null;
  const body = JSON.parse(row.body) as OutboxBody;
  if (body.kind !== 'ping' || body.ping !== 'start') return null;
  return {
    code: 'MESSAGE_NOT_SENT',
    message: 'The receiver refused the start, and newer pings wait behind it.',
    hint: 'Where it knows no /start, switch start pings off in the channel.',
  };
}

function hopeless(row: OutboxRow, channel: StoredChannel | null, now: number): ErrorReport | null {
  const report = (message: string, hint: string): ErrorReport => ({ code: 'MESSAGE_NOT_SENT', message, hint });
  if (channel === null) return report('The channel was removed before the message was sent.', 'Nothing to do.');
  if (!channel.enabled) return report('The channel was switched off before the message was sent.', 'Switch it on to get the next ones.');
  if (channel.target.kind === 'desktop' && row.tries === 0 && Date.parse(row.created_at) + longestMs < now)
    return report('The desktop program did not run within a day.', 'Let Howdah start at login, or add a channel that needs no desktop.');
  return null;
}
