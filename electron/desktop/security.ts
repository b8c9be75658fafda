// The fence around the page: one scheme, no navigation, no new windows, no permissions, no network.
import { app, protocol, session, type WebContents } from 'electron';
import { readPageFile, securityHeaders } from '../transport/page-files.ts';
import { pageOrigin, pageScheme } from './own-page.ts';
import { places } from './places.ts';

/** Before `app.whenReady`. */
export function declarePageScheme(): void {
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  app.on('web-contents-created', (_event, contents) => fence(contents));
}

/** After `app.whenReady`, before the window. */
export function serveOwnPage(): void {
  protocol.handle(pageScheme, async (request) => {
    const url = new URL(request.url);
    const file = url.host === 'howdah' && request.method === 'GET' ? await readPageFile(places.page(), url.pathname) : null;
    if (file === null) return new Response('There is nothing here.', { status: 404, headers: securityHeaders });
    return new Response(file.body, { headers: file.headers });
  });
  const { defaultSession } = session;
  // Copying text is all that the page may ask for.
  const mayCopy = (permission: string, origin: string): boolean =>
    permission === 'clipboard-sanitized-write' && origin.startsWith(pageOrigin);
  defaultSession.setPermissionRequestHandler((contents, permission, answer) => answer(mayCopy(permission, contents.getURL())));
  defaultSession.setPermissionCheckHandler((_contents, permission, origin) => mayCopy(permission, origin));
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isLocal(details.url) }));
}

/** Our own page, what it makes up itself (blobs for downloads), and the developer tools. */
function isLocal(url: string): boolean {
  return [`${pageOrigin}/`, `blob:${pageOrigin}/`, 'data:', 'devtools://'].some((start) => url.startsWith(start));
}

function fence(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}
