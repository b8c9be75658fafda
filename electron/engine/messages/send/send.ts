// Sends one outbox row the way its channel wants it.
import type { ChannelKind, ChannelSecret } from '../../../../shared/contract/messages.ts';
import { assertNever } from '../../../../shared/errors.ts';
import type { EnginePorts } from '../../ports.ts';
import type { OutboxBody } from '../message.ts';
import { desktopNotification } from '../render/desktop.ts';
import { discordPayload } from '../render/discord.ts';
import { slackPayload } from '../render/slack.ts';
import { teamsPayload } from '../render/teams.ts';
import { telegramPayload } from '../render/telegram.ts';
import { signatureOf, webhookPayload } from '../render/webhook.ts';
import { sendHttp } from './http.ts';
import { notSent, type SendOutcome } from './outcome.ts';
import { sendMail } from './smtp.ts';

export type Parcel = { target: ChannelKind; secret: ChannelSecret; body: OutboxBody; deliveryId: string };

export async function send(parcel: Parcel, ports: EnginePorts, signal: AbortSignal): Promise<SendOutcome> {
  const { target, secret, body, deliveryId } = parcel;
  if (target.kind === 'ping' || body.kind === 'ping') return sendPing(parcel, ports.clock(), signal);
  const { message } = body;
  const post = (payload: object, url = secret.url, headers: Record<string, string> = {}): Promise<SendOutcome> => {
    if (url === undefined) return Promise.resolve(noSecret());
    return sendHttp({ url, body: JSON.stringify(payload), headers }, secret, ports.clock(), signal);
  };
  switch (target.kind) {
    case 'desktop':
      return showNotification(parcel, ports);
    case 'email':
      return await sendMail(target, secret, message, deliveryId, signal);
    case 'slack':
      return post(slackPayload(message));
    case 'teams':
      return post(teamsPayload(message));
    case 'discord':
      return post(discordPayload(message));
    case 'telegram': {
      if (secret.token === undefined) return noSecret();
      const base = (secret.apiBase ?? 'https://api.telegram.org').replace(/\/+$/, '');
      const request = { url: `${base}/bot${secret.token}/sendMessage`, body: JSON.stringify(telegramPayload(message, target.chatId)) };
      return sendHttp(request, secret, ports.clock(), signal, telegramTook);
    }
    case 'webhook': {
      if (secret.url === undefined) return noSecret();
      const text = JSON.stringify(webhookPayload(message, deliveryId));
      const signature: Record<string, string> =
        secret.signingKey === undefined ? {} : { 'Howdah-Signature': signatureOf(text, secret.signingKey, ports.clock()) };
      const headers = { 'Howdah-Delivery': deliveryId, 'Howdah-Event': message.event, ...signature };
      return sendHttp({ url: secret.url, body: text, headers }, secret, ports.clock(), signal);
    }
    default:
      return assertNever(target);
  }
}

/** The address, `/start` or `/fail` after its path; a test calls the one of success. */
function sendPing({ secret, body }: Parcel, now: number, signal: AbortSignal): Promise<SendOutcome> {
  if (secret.url === undefined) return Promise.resolve(noSecret());
  const url = new URL(secret.url);
  const which = body.kind === 'ping' ? body.ping : 'success';
  if (which !== 'success') url.pathname = `${url.pathname.replace(/\/$/, '')}/${which}`;
  return sendHttp({ url: url.href }, secret, now, signal);
}

async function showNotification({ body }: Parcel, ports: EnginePorts): Promise<SendOutcome> {
  if (ports.host.notify === null || body.kind !== 'message')
    return notSent('Notifications are shown by the desktop program.', 'Open Howdah itself on this machine and test the channel there.', '');
  try {
    await ports.host.notify(desktopNotification(body.message));
    return { ok: true };
  } catch (thrown) {
    return notSent(
      'The desktop did not show the notification.',
      "See the system's settings for notifications.",
      thrown instanceof Error ? thrown.message : String(thrown),
    );
  }
}

const noSecret = (): SendOutcome =>
  notSent("The channel's address or token is not in this machine's secret store.", 'Edit the channel and enter it again.', '');

/** https://core.telegram.org/bots/api#making-requests */
function telegramTook(answer: string): boolean {
  try {
    return (JSON.parse(answer) as { ok?: unknown }).ok === true;
  } catch {
    return false; // whatever answered, it was not the Bot API
  }
}
