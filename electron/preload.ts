// Hands the page one message port, and the path of a file only when the user dropped that file. Nothing else.
import type { MessagePort } from 'node:worker_threads';
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { channels } from './desktop/channels.ts';

/** The little of a browser's window that is used here; the rest of this project must not see DOM globals. */
type PageWindow = {
  location: { origin: string };
  addEventListener(kind: 'message', listener: (event: { source: unknown; data: unknown }) => void): void;
  postMessage(message: string, targetOrigin: string, transfer: MessagePort[]): void;
};
const page = globalThis as unknown as PageWindow;

contextBridge.exposeInMainWorld('howdah', {
  host: 'desktop',
  /** Answers with the opened file, or `{ error }`: an exception would lose its code on the way. */
  openDropped: (file: File): Promise<unknown> => ipcRenderer.invoke(channels.dropped, webUtils.getPathForFile(file)),
});

page.addEventListener('message', (event) => {
  if (event.source !== page || event.data !== 'howdah:connect') return;
  const { port1, port2 } = new MessageChannel();
  ipcRenderer.postMessage(channels.port, null, [port2]);
  page.postMessage('howdah:port', page.location.origin, [port1]);
});
