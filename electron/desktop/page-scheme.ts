// Where the page lives. Chromium learns new schemes only before it is ready; an Electron that loads a folder's
// program later than that leaves `https:`, answered from our own files all the same and never from a network.
import { app, protocol, type WebFrameMain } from 'electron';

const scheme = 'app';
const declaredMark = Symbol.for('howdah.pageSchemeDeclared');
const marks = globalThis as unknown as Record<symbol, boolean | undefined>;

/** Declares `app://` and the sandbox, unless early.ts has done so or it is too late. Gives the reason where it is. */
export function declarePageScheme(): string | null {
  if (marks[declaredMark]) return null;
  try {
    // enableSandbox would take --no-sandbox away again, and root (a container) cannot run without that.
    if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
    protocol.registerSchemesAsPrivileged([
      { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    ]);
    marks[declaredMark] = true;
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

/** The origin of our own page, and the scheme to answer for. */
export function ownPage(): { origin: string; scheme: string; host: string } {
  return marks[declaredMark]
    ? { origin: `${scheme}://howdah`, scheme, host: 'howdah' }
    : { origin: 'https://howdah.invalid', scheme: 'https', host: 'howdah.invalid' };
}

/** Only the top frame of our own page is heard; a frame that is already gone is not. */
export function isOwnPage(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && frame.url.startsWith(`${ownPage().origin}/`);
}
