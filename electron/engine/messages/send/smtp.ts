// E-mail by SMTP. Encryption is as the channel has it or the message is not sent; a password never goes over plain text.
import { hostname } from 'node:os';
import { createTransport } from 'nodemailer';
import type { ChannelKind, ChannelSecret } from '../../../../shared/contract/messages.ts';
import { HowdahError } from '../../../../shared/errors.ts';
import { readAuthority } from '../channels.ts';
import type { Message } from '../message.ts';
import { emailHtml, emailText } from '../render/email.ts';
import { isThisMachine } from './loopback.ts';
import { notSent, safeText, type SendOutcome } from './outcome.ts';

type Mail = Extract<ChannelKind, { kind: 'email' }>;

export async function sendMail(
  target: Mail,
  secret: ChannelSecret,
  message: Message,
  deliveryId: string,
  signal: AbortSignal,
): Promise<SendOutcome> {
  if (target.security === 'none' && (!isThisMachine(target.host) || target.user !== ''))
    return notSent(`Mail to ${target.host} would go unencrypted.`, 'Use STARTTLS or TLS for this channel.', '');
  let ca: string | null;
  try {
    ca = target.caFile === '' ? null : readAuthority(target.caFile);
  } catch (thrown) {
    if (!(thrown instanceof HowdahError)) throw thrown;
    return notSent(thrown.message, thrown.hint, thrown.detail ?? '');
  }
  const transport = createTransport({
    host: target.host,
    port: target.port,
    secure: target.security === 'tls',
    requireTLS: target.security === 'starttls',
    ignoreTLS: target.security === 'none',
    ...(target.user === '' ? {} : { auth: { user: target.user, pass: secret.password ?? '' } }),
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(ca === null ? {} : { ca }) },
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 30_000,
    dnsTimeout: 10_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  let abort = (): void => undefined;
  let watchdog: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      watchdog = setTimeout(() => reject(Object.assign(new Error('the whole took longer than a minute'), { code: 'ETIMEDOUT' })), 60_000);
      watchdog.unref();
      abort = () => reject(new Error('this program is ending'));
      signal.addEventListener('abort', abort, { once: true });
    });
    const sent = await Promise.race([
      transport.sendMail({
        from: target.from,
        to: target.to,
        subject: message.subject,
        text: emailText(message),
        html: emailHtml(message),
        date: new Date(message.at),
        // The same for every try: a mail program that gets it twice can tell.
        messageId: `<${deliveryId}@howdah.${hostname().replace(/[^a-z0-9.-]/gi, '') || 'localhost'}>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'Howdah-Delivery': deliveryId, 'Howdah-Event': message.event },
        ...(message.tone === 'bad' ? { priority: 'high' as const } : {}),
      }),
      late,
    ]);
    if (sent.rejected.length === 0) return { ok: true };
    // The others have it: sending it again would give it to them twice.
    const refused = sent.rejected.join(', ');
    return { ok: true, partly: `The mail server refused these recipients: ${refused}.` };
  } catch (thrown) {
    return refusal(thrown, target, secret);
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener('abort', abort);
    transport.close();
  }
}

/** nodemailer's error codes: https://nodemailer.com/errors */
function refusal(thrown: unknown, target: Mail, secret: ChannelSecret): SendOutcome {
  const error = thrown as { code?: string; message?: string; response?: string; command?: string };
  const where = `${target.host}:${target.port}`;
  const detail = safeText(error.response ?? error.message ?? String(thrown), secret, target.user);
  const code = error.code ?? '';
  if (code === 'EAUTH' || code === 'ENOAUTH')
    return notSent(
      `The mail server ${where} refused the user or password.`,
      'Enter the password again. Some services want an app password.',
      detail,
    );
  if (error.response === undefined && isCertificateFault(error.message ?? ''))
    return notSent(
      `The certificate of the mail server ${where} is not trusted.`,
      "Where it comes from your own authority, name its certificate as the channel's CA file. Check that the host is the name in the certificate.",
      detail,
    );
  if (code === 'ETLS' || code.startsWith('ERR_SSL') || code === 'EPROTO')
    return notSent(
      `The connection to the mail server ${where} could not be encrypted as asked.`,
      'Ask which it speaks: STARTTLS (mostly port 587) or TLS from the first byte (mostly port 465).',
      detail,
    );
  if (code === 'EENVELOPE')
    return notSent(`The mail server ${where} refused the sender or all recipients.`, 'Check the addresses from and to.', detail);
  if (error.response !== undefined) return notSent(`The mail server ${where} did not take the message.`, 'See what it said.', detail);
  return notSent(
    `The mail server ${where} could not be reached${code === '' ? '' : ` (${code})`}.`,
    'Check host and port, and that this machine may connect there.',
    detail,
  );
}

/** nodemailer puts its own code (ESOCKET) in the place of Node's name of the fault, so that only OpenSSL's text tells a
 * certificate from a network. It chooses the words, nothing else: neither is sent.
 * https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/ */
const isCertificateFault = (text: string): boolean => /certificate|issuer|altnames/i.test(text);
