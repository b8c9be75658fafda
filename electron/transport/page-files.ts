// The built page as both hosts serve it: which file a path means, and the headers that fence it in.
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

/** Nothing is allowed but the page's own files; styles may be inline because Mantine writes them so. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Headers on every answer, whatever it is. */
export const securityHeaders: Record<string, string> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
};

export type PageFile = { body: Buffer<ArrayBuffer>; headers: Record<string, string> };

/** The file that a URL's path (still percent-encoded) names below `directory`; null where it names none of them. */
export async function readPageFile(directory: string, urlPath: string): Promise<PageFile | null> {
  const path = pathWithin(directory, urlPath);
  const contentType = path === null ? undefined : contentTypes[extname(path)];
  if (path === null || contentType === undefined) return null;
  try {
    const body = await readFile(path);
    // Built assets carry a hash in their names, the page itself does not.
    const cacheControl = urlPath.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store';
    return { body, headers: { ...securityHeaders, 'content-type': contentType, 'cache-control': cacheControl } };
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    throw thrown;
  }
}

function pathWithin(directory: string, urlPath: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return null; // a stray percent sign names no file
  }
  if (decoded.includes('\0') || decoded.includes('\\') || decoded.split('/').includes('..')) return null;
  const base = normalize(directory);
  const path = join(base, decoded === '/' ? 'index.html' : decoded);
  return path.startsWith(base.endsWith(sep) ? base : base + sep) ? path : null;
}
