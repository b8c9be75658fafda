// What differs between the window and a browser: how a dropped file reaches the engine.
import type { OpenedFile } from '../shared/contract/dumps.ts';
import type { ErrorReport } from '../shared/errors.ts';
import { PageError } from './errors.ts';

/** Over the bridge and over HTTP alike: an exception would lose its code on the way. */
type Answer = OpenedFile | { error: ErrorReport };

type DesktopBridge = {
  host: 'desktop';
  /** Registers a file that was dropped on the window; the page never learns how to make up a path. */
  openDropped(file: File): Promise<OpenedFile | { error: ErrorReport }>;
};

declare global {
  interface Window {
    howdah?: DesktopBridge;
  }
}

export function isDesktop(): boolean {
  return window.howdah?.host === 'desktop';
}

/** Hands a dropped or chosen file to the engine. In a browser it is uploaded; `onProgress` gets 0 to 1. */
export async function openDropped(file: File, onProgress: (fraction: number) => void): Promise<OpenedFile> {
  const answer = window.howdah === undefined ? await upload(file, onProgress) : await window.howdah.openDropped(file);
  if ('error' in answer) throw new PageError(answer.error);
  return answer;
}

function upload(file: File, onProgress: (fraction: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/upload?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.responseType = 'json';
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener('load', () => {
      const answer = request.response as Answer | null;
      const succeeded = request.status >= 200 && request.status < 300;
      if (answer !== null && ('error' in answer || (succeeded && 'id' in answer))) resolve(answer);
      else reject(new PageError(uploadFailed(`The answer was HTTP ${request.status}.`)));
    });
    request.addEventListener('error', () => reject(new PageError(uploadFailed('The connection broke.'))));
    request.send(file);
  });
}

function uploadFailed(detail: string): ErrorReport {
  return {
    code: 'FILE_NOT_READABLE',
    message: 'The file could not be handed to Howdah.',
    hint: 'Folders cannot be dropped in a browser, and the file must still be where it was. Try again, or give its path on the restore page.',
    detail,
  };
}
