// The generic webhook: JSON for programs, signed so that the receiver can tell it from anybody else's. docs/schedules.md has its form.
import { createHmac } from 'node:crypto';
import type { Message } from '../message.ts';

export const webhookPayload = (message: Message, deliveryId: string): object => ({
  version: 1,
  delivery: deliveryId,
  event: message.event,
  at: message.at,
  state: message.state,
  subject: message.subject,
  summary: message.summary,
  ...message.data,
  error: message.error,
  items: message.items?.lines ?? [],
});

/** `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. `now`: milliseconds since 1970. */
export function signatureOf(body: string, key: string, now: number): string {
  const seconds = Math.floor(now / 1000);
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;
}
