// Leaving the program: at once when nothing runs, after a question when something does, never with work cut short,
// and never without saying that schedules are left alone.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { app, dialog, type BrowserWindow, type MessageBoxOptions, type MessageBoxReturnValue } from 'electron';
import { formatNumber } from '../../shared/format.ts';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../engine/ports.ts';
import { showWindow } from './window.ts';

export type Leaving = {
  /** The user wants to go: asks in the page where jobs run; says once that schedules are left alone. */
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
  /** Last things before the engine closes. */
  before: () => void;
  /** A file that is there once the user has been told of schedules that are left alone. */
  toldFile: string;
  log: Log;
};

export function createLeaving({ engine, window, pageConnected, before, toldFile, log }: Parts): Leaving {
  let going = false;
  let asking = false;

  /** `cancel`: the user gave up what runs. Else scheduled runs count as interrupted, and are made up for later. */
  const go = async (exitCode: number, cancel: boolean): Promise<void> => {
    if (going) return;
    going = true;
    before();
    const current = engine();
    try {
      if (cancel) await current?.cancelAll();
      await current?.close();
    } catch (thrown) {
      log.error('closing the engine failed', thrown);
    }
    window()?.destroy();
    app.exit(exitCode);
  };

  const show = async (question: MessageBoxOptions): Promise<MessageBoxReturnValue> => {
    asking = true;
    try {
      const page = window();
      return await (page?.isVisible() ? dialog.showMessageBox(page, question) : dialog.showMessageBox(question));
    } finally {
      asking = false;
    }
  };

  const askAboutJobs = async (running: number, schedules: number): Promise<void> => {
    const { response } = await show({
      type: 'question',
      message: running === 1 ? 'A job is still running.' : `${running} jobs are still running.`,
      detail: `Leaving cancels what runs; nothing half-done is kept.${schedules > 0 ? ` ${leftAloneWords(schedules)}` : ''}`,
      buttons: ['Stay', 'Cancel jobs and quit'],
      defaultId: 0,
      cancelId: 0,
    });
    if (response === 1) await go(0, true);
  };

  const sayLeftAlone = async (schedules: number): Promise<void> => {
    const { response, checkboxChecked } = await show({
      type: 'warning',
      message: 'Nothing will run unattended while Howdah is closed.',
      detail: `${leftAloneWords(schedules)} To keep it working without a window, stay in the tray.`,
      buttons: ['Stay', 'Quit'],
      defaultId: 0,
      cancelId: 0,
      checkboxLabel: 'Do not say this again',
      checkboxChecked: true,
    });
    if (response !== 1) return;
    if (checkboxChecked) {
      mkdirSync(dirname(toldFile), { recursive: true, mode: 0o700 });
      writeFileSync(toldFile, '', { mode: 0o600 });
    }
    await go(0, false);
  };
  const failed = (thrown: unknown): void => log.error('leaving could not be asked for', thrown);

  const leaving: Leaving = {
    ask() {
      if (asking || going) return;
      const current = engine();
      if (current === null) return void go(0, false);
      const running = current.activeJobs();
      const schedules = current.leftAlone();
      if (running === 0) {
        if (schedules === 0 || existsSync(toldFile)) return void go(0, false);
        return void sayLeftAlone(schedules).catch(failed);
      }
      const page = window();
      if (page !== null) showWindow(page);
      if (pageConnected()) current.events.emit({ kind: 'quitAsked', runningJobs: running, schedules });
      else void askAboutJobs(running, schedules).catch(failed);
    },
    answer(answer) {
      if (answer === 'cancelJobsAndQuit') void go(0, true);
    },
    obey(exitCode) {
      if (going) app.exit(exitCode); // asked twice: whoever waits has lost patience
      else void go(exitCode, false);
    },
  };
  app.on('before-quit', (event) => {
    if (going) return;
    event.preventDefault();
    leaving.ask();
  });
  return leaving;
}

const leftAloneWords = (schedules: number): string =>
  `${formatNumber(schedules, 'schedule')} will wait until it, or howdah agent, runs again.`;
