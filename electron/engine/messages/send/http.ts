// One request to somebody's address: no redirects (they would carry the secret on), a limit on time and on what is read back.
import type { ChannelSecret } from '../../../../shared/contract/messages.ts';
import { notSent, safeText, type SendOutcome } from './outcome.ts';

export type HttpRequest = {
  url: string;
  /** Absent: a GET. */
  body?: string;
  headers?: Record<string, string>;
};

const timeLimitMs = 20_000;
const answerLimit = 4096;

/** `accepts`: looks at a 2xx answer once more, for services that refuse with 200. */
export async function sendHttp(
  request: HttpRequest,
  secret: ChannelSecret,
  now: number,
  signal: AbortSignal,
  accepts: (answer: string) => boolean = () => true,
): Promise<SendOutcome> {
  const { host } = new URL(request.url);
  try {
    const response = await fetch(request.url, {
      method: request.body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeLimitMs)]),
      headers: {
        'user-agent': 'Howdah',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const answer = await beginningOf(response);
    if (response.status >= 200 && response.status < 300 && accepts(answer)) return { ok: true };
    const said = safeText(`HTTP ${response.status} ${answer}`, secret);
    if (response.status >= 300 && response.status < 400)
      return notSent(
        `${host} sent the message on to another address, which is not followed.`,
        'Set the address that it names itself.',
        `HTTP ${response.status}`,
      );
    return notSent(
      `${host} did not take the message (HTTP ${response.status}).`,
      hintFor(response.status),
      said,
      retryAfter(response.headers.get('retry-after'), answer, now),
    );
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    const late = thrown instanceof Error && thrown.name === 'TimeoutError';
    return notSent(
      late
        ? `${host} did not answer within ${timeLimitMs / 1000} seconds.`
        : `${host} could not be reached${code === '' ? '' : ` (${code})`}.`,
      'Check that this machine can reach it: address, network, proxy, and its certificate.',
      late ? '' : safeText(cause instanceof Error ? cause.message : String(cause), secret),
    );
  }
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) return 'Make a new webhook address or token there, and set it here.';
  if (status === 404 || status === 410) return 'The address is not valid any more. Make a new one there, and set it here.';
  if (status === 429) return 'It takes no more for a while; Howdah tries again when it said so.';
  if (status >= 500) return 'The fault is on its side; Howdah tries again.';
  return 'See what it said, and whether the channel is of the right kind for this address.';
}

async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < answerLimit) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  await reader.cancel().catch(() => undefined); // what follows is not wanted, and a broken end no fault
  return Buffer.concat(chunks).subarray(0, answerLimit).toString('utf8');
}

/** Seconds or a date (RFC 9110, 10.2.3); Discord and Telegram also say it in their answer. Null: it asked for none. */
function retryAfter(header: string | null, answer: string, now: number): number | null {
  if (header !== null) {
    const seconds = Number(header);
    const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
    if (Number.isFinite(ms)) return Math.max(0, ms);
  }
  try {
    const said = JSON.parse(answer) as { retry_after?: unknown; parameters?: { retry_after?: unknown } };
    const seconds = said.retry_after ?? said.parameters?.retry_after;
    return typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : null;
  } catch {
    return null; // not JSON: nothing said
  }
}
