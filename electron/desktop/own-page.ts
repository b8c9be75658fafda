import type { WebFrameMain } from 'electron';

/** The scheme and origin of our own page in the window. */
export const pageScheme = 'app';
export const pageOrigin = 'app://howdah';

/** Only the top frame of our own page is heard; a frame that is already gone is not. */
export function isOwnPage(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && frame.url.startsWith(`${pageOrigin}/`);
}
