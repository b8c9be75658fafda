// Leaving the program: at once when nothing runs, after a question when something does, never with work cut short.
import { app, dialog, type BrowserWindow } from 'electron';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../engine/ports.ts';
import { showWindow } from './window.ts';

export type Leaving = {
  /** The user wants to go: asks in the page where jobs run. */
  ask(): void;
  /** The page's answer to the question. */
  answer(answer: 'stay' | 'cancelJobsAndQuit'): void;
  /** The system wants us gone (signal, shutdown): jobs are cancelled and cleaned up, nobody is asked. */
  obey(exitCode: number): void;
};

type Parts = {
  /** Null until the engine is up: then there is nothing to lose. */
  engine: () => Engine | null;
  window: () => BrowserWindow | null;
  pageConnected: () => boolean;
  /** Keeps the window's place for the next start. */
  remember: () => void;
  log: Log;
};

export function createLeaving({ engine, window, pageConnected, remember, log }: Parts): Leaving {
  let going = false;

  const go = async (exitCode: number): Promise<void> => {
    if (going) return;
    going = true;
    remember();
    const current = engine();
    try {
      await current?.cancelAll();
      await current?.close();
    } catch (thrown) {
      log.error('closing the engine failed', thrown);
    }
    window()?.destroy();
    app.exit(exitCode);
  };

  const askHere = async (running: number, parent: BrowserWindow | null): Promise<void> => {
    const question = {
      type: 'question' as const,
      message: running === 1 ? 'A job is still running.' : `${running} jobs are still running.`,
      detail: 'Leaving cancels what runs; nothing half-done is kept.',
      buttons: ['Stay', 'Cancel jobs and quit'],
      defaultId: 0,
      cancelId: 0,
    };
    const { response } = await (parent === null ? dialog.showMessageBox(question) : dialog.showMessageBox(parent, question));
    if (response === 1) await go(0);
  };

  const leaving: Leaving = {
    ask() {
      const current = engine();
      const running = current?.activeJobs() ?? 0;
      if (current === null || running === 0) return void go(0);
      const page = window();
      if (page !== null) showWindow(page);
      if (pageConnected()) current.events.emit({ kind: 'quitAsked', runningJobs: running });
      else void askHere(running, page);
    },
    answer(answer) {
      if (answer === 'cancelJobsAndQuit') void go(0);
    },
    obey(exitCode) {
      if (going) app.exit(exitCode); // asked twice: whoever waits has lost patience
      else void go(exitCode);
    },
  };
  app.on('before-quit', (event) => {
    if (going) return;
    event.preventDefault();
    leaving.ask();
  });
  return leaving;
}
