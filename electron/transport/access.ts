// Who may speak to the HTTP server: nobody but the browser that was given the one-time address,
// and whoever holds the API token. Other web pages on this machine are strangers.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export type Verdict = { allowed: true; caller: 'page' | 'rest' } | { allowed: false; status: 401 | 403; why: string };

export type Access = {
  /** For `Authorization: Bearer …`. */
  apiToken: string;
  /** For the first address that a browser opens. */
  pageToken: string;
  /** Exchanges the page token for a `Set-Cookie` value: once, and only before it expires. */
  redeem(token: string): string | null;
  /** Null where the Host header names this server, else why not (RFC 9110 7.2; guards against DNS rebinding). */
  checkHost(headers: IncomingHttpHeaders): string | null;
  /** Judges a request by its cookie or bearer token, Origin and Sec-Fetch-Site. */
  judge(method: string, headers: IncomingHttpHeaders): Verdict;
};

/** A fresh set of secrets for one server that listens on `port`. `lifetimeMs`: how long the page token may wait to be used. */
export function createAccess(options: { port: number; clock?: () => number; lifetimeMs?: number }): Access {
  const { port, clock = Date.now, lifetimeMs = 10 * 60_000 } = options;
  const pageToken = secret();
  const apiToken = secret();
  const expiresAt = clock() + lifetimeMs;
  // Cookies do not know ports: the name keeps two servers on one machine apart.
  const cookieName = `howdah-${port}`;
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  let redeemed = false;
  let session: string | null = null;

  const checkHost = (headers: IncomingHttpHeaders): string | null =>
    headers.host !== undefined && hosts.includes(headers.host.toLowerCase()) ? null : 'The Host header does not name this server.';

  const hasSession = (headers: IncomingHttpHeaders): boolean => {
    const presented = cookieValue(headers.cookie, cookieName);
    return session !== null && presented !== undefined && sameSecret(presented, session);
  };

  return {
    apiToken,
    pageToken,
    checkHost,
    redeem: (token) => {
      if (redeemed || clock() > expiresAt || !sameSecret(token, pageToken)) return null;
      redeemed = true;
      session = secret();
      return `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`;
    },
    judge: (method, headers) => {
      const { origin, authorization } = headers;
      const ownOrigin = origin !== undefined && origin === `http://${headers.host ?? ''}`;
      if (origin !== undefined && !ownOrigin) return { allowed: false, status: 403, why: 'The request comes from another web page.' };
      if (authorization !== undefined) {
        const presented = /^Bearer (\S+)$/i.exec(authorization)?.[1];
        if (presented !== undefined && sameSecret(presented, apiToken)) return { allowed: true, caller: 'rest' };
        return { allowed: false, status: 401, why: 'The API token is not valid.' };
      }
      if (!hasSession(headers)) return { allowed: false, status: 401, why: 'The request carries neither a session nor an API token.' };
      const site = headers['sec-fetch-site'];
      if (site !== undefined && site !== 'same-origin' && site !== 'none') {
        return { allowed: false, status: 403, why: 'The request comes from another web page.' };
      }
      const changes = method !== 'GET' && method !== 'HEAD';
      if (changes && !ownOrigin) return { allowed: false, status: 403, why: 'A request that changes something must name its origin.' };
      return { allowed: true, caller: 'page' };
    },
  };
}

/** 256 random bits, safe in a URL and a cookie. */
function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** Takes as long for a near miss as for a wild guess; hashing evens out the lengths. */
function sameSecret(presented: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(presented), digest(expected));
}

function cookieValue(header: string | undefined, name: string): string | undefined {
  return header
    ?.split(';')
    .map((pair) => pair.trim().split('='))
    .find(([key]) => key === name)?.[1];
}
