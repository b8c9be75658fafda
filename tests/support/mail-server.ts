// A real SMTP server on this machine, and an authority of its own for its certificate.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { temporaryDirectory } from './home.ts';

export type Authority = { caFile: string; key: string; cert: string };
export type Received = { from: string; to: string[]; raw: string; secure: boolean; user: string };

/** A private authority and a certificate of it for localhost and 127.0.0.1. */
export function makeAuthority(): Authority {
  const folder = temporaryDirectory('tls');
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...curve, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test authority', '-days', '3650');
  openssl('req', ...curve, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '3650', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.pem', ...signing);
  return { caFile: at('ca.pem'), key: readFileSync(at('server.key'), 'utf8'), cert: readFileSync(at('server.pem'), 'utf8') };
}

export type MailServer = { port: number; received: Received[]; logins: string[]; close(): Promise<void> };

/** `plain`: offers no encryption at all. With `login` it takes mail only from whom it knows. */
export async function startMailServer(options: {
  security: 'starttls' | 'tls' | 'plain';
  authority?: Authority;
  login?: { user: string; password: string };
  refuses?: string;
}): Promise<MailServer> {
  const received: Received[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    secure: options.security === 'tls',
    ...(options.authority === undefined ? {} : { key: options.authority.key, cert: options.authority.cert }),
    disabledCommands: [...(options.security === 'starttls' ? [] : ['STARTTLS']), ...(options.login === undefined ? ['AUTH'] : [])],
    authOptional: options.login === undefined,
    // So that a client which would send a password in the clear is caught doing it.
    allowInsecureAuth: true,
    onAuth(auth, session, done) {
      logins.push(`${session.secure ? 'tls' : 'plain'} ${auth.username ?? ''}`);
      if (auth.username === options.login?.user && auth.password === options.login?.password) done(null, { user: auth.username });
      else done(new Error(`no such login, ${auth.password ?? ''}`));
    },
    onRcptTo(address, _session, done) {
      if (address.address === options.refuses) done(Object.assign(new Error('nobody of that name'), { responseCode: 550 }));
      else done();
    },
    onData(stream, session, done) {
      let raw = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => (raw += chunk));
      stream.on('end', () => {
        received.push({
          from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
          to: session.envelope.rcptTo.map((one) => one.address),
          raw,
          secure: session.secure,
          user: String(session.user ?? ''),
        });
        done();
      });
    },
  });
  server.on('error', () => undefined); // clients that hang up on an untrusted certificate
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    logins,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** The parts of a mail by content type, decoded; `subject` likewise. For the encodings that our own mails use. */
export function readMail(raw: string): { subject: string; headers: Map<string, string>; parts: Map<string, string> } {
  const [head, body] = splitHead(raw);
  const headers = headersOf(head);
  const boundary = /boundary="?([^";]+)"?/.exec(headers.get('content-type') ?? '')?.[1];
  const parts = new Map<string, string>();
  for (const piece of boundary === undefined ? [] : body.split(`--${boundary}`).slice(1, -1)) {
    const [partHead, partBody] = splitHead(piece.replace(/^\r\n/, ''));
    const own = headersOf(partHead);
    const type = (own.get('content-type') ?? '').split(';')[0] ?? '';
    const text = partBody.replace(/\r\n$/, '');
    const encoding = own.get('content-transfer-encoding');
    const bytes =
      encoding === 'base64' ? Buffer.from(text, 'base64') : encoding === 'quoted-printable' ? unquoted(text) : Buffer.from(text);
    parts.set(type, bytes.toString('utf8').replaceAll('\r\n', '\n'));
  }
  return { subject: decodedWords(headers.get('subject') ?? ''), headers, parts };
}

const splitHead = (text: string): [string, string] => {
  const at = text.indexOf('\r\n\r\n');
  return [text.slice(0, at), text.slice(at + 4)];
};

const headersOf = (head: string): Map<string, string> =>
  new Map(
    head
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );

const unquoted = (text: string): Buffer =>
  Buffer.from(
    text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

/** RFC 2047. */
const decodedWords = (text: string): string =>
  text
    .replace(/\?= =\?/g, '?==?')
    .replace(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, how: string, coded: string) =>
      how.toUpperCase() === 'B' ? Buffer.from(coded, 'base64').toString('utf8') : unquoted(coded.replaceAll('_', ' ')).toString('utf8'),
    );
