// What came of trying to send, and how a secret stays out of it.
import type { ChannelSecret } from '../../../../shared/contract/messages.ts';
import { HowdahError } from '../../../../shared/errors.ts';
import { redact } from '../../jobs/log-file.ts';
import { atMost } from '../message.ts';

/** `partly`: who did not get it, though others did. `retryAfterMs`: the receiver asked for such a pause (429, 503). */
export type SendOutcome = { ok: true; partly?: string } | { ok: false; error: HowdahError; retryAfterMs: number | null };

export function notSent(message: string, hint: string, detail: string, retryAfterMs: number | null = null): SendOutcome {
  return {
    ok: false,
    error: new HowdahError('MESSAGE_NOT_SENT', message, { hint, ...(detail === '' ? {} : { detail }) }),
    retryAfterMs,
  };
}

/** What a server said, fit to be shown: printable, short, and without whatever is secret here, in any of the forms in which
 * it goes over the wire. */
export function safeText(text: string, secret: ChannelSecret, user = ''): string {
  const hidden = new Set<string>();
  for (const value of [secret.password, secret.token, secret.signingKey, ...partsOf(secret.url), ...partsOf(secret.apiBase)]) {
    if (value === undefined || value === '') continue;
    for (const form of [value, encodeURIComponent(value), base64(value), base64(`\0${user}\0${value}`)]) hidden.add(form);
  }
  let safe = text;
  for (const form of [...hidden].sort((a, b) => b.length - a.length)) safe = safe.split(form).join('****');
  return atMost(redact(safe.replace(/[\p{Cc}\s]+/gu, ' ').trim()), 500);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The address whole, and those parts of it that are long enough to be secret. */
function partsOf(address: string | undefined): string[] {
  if (address === undefined) return [];
  const { pathname, search, username, password } = new URL(address);
  const words = [...pathname.split('/'), ...search.replace(/^\?/, '').split(/[&=]/), username, password];
  return [address, `${pathname}${search}`, pathname, search, ...words].filter((part) => part.length >= 6);
}
