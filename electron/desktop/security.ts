// The fence around the page: one origin, no navigation, no new windows, no permissions, no network.
import { app, protocol, session, type WebContents } from 'electron';
import { readPageFile, securityHeaders } from '../transport/page-files.ts';
import { ownPage } from './page-scheme.ts';
import { places } from './places.ts';

/** Fences in every page that is ever opened, the developer tools' included. */
export function fencePages(): void {
  app.on('web-contents-created', (_event, contents) => fence(contents));
}

/** After `app.whenReady`, before the window. */
export function serveOwnPage(): void {
  const { origin, scheme, host } = ownPage();
  protocol.handle(scheme, async (request) => {
    const url = new URL(request.url);
    const file = url.host === host && request.method === 'GET' ? await readPageFile(places.page(), url.pathname) : null;
    if (file === null) return new Response('There is nothing here.', { status: 404, headers: securityHeaders });
    return new Response(file.body, { headers: file.headers });
  });
  const { defaultSession } = session;
  // Copying text is all that the page may ask for.
  const mayCopy = (permission: string, from: string): boolean => permission === 'clipboard-sanitized-write' && from.startsWith(origin);
  defaultSession.setPermissionRequestHandler((contents, permission, answer) => answer(mayCopy(permission, contents.getURL())));
  defaultSession.setPermissionCheckHandler((_contents, permission, from) => mayCopy(permission, from));
  defaultSession.setDevicePermissionHandler(() => false);
  // Our own page, what it makes up itself (blobs for downloads), and the developer tools.
  const local = [`${origin}/`, `blob:${origin}/`, 'data:', 'devtools://'];
  defaultSession.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !local.some((start) => details.url.startsWith(start)) }));
}

function fence(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}
