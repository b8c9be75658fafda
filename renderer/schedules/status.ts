// How the unattended part stands: who runs it, what comes next, what is wrong. On every page, so asked for in one place.
import { useEffect } from 'react';
import { create } from 'zustand';
import type { SchedulerStatus } from '../../shared/contract/schedules.ts';
import { openEnd, tomorrowMorning } from '../../shared/schedules/pauses.ts';
import { api } from '../api.ts';
import { useApp } from '../app/store.ts';
import { errorReport } from '../errors.ts';
import type { Loadable } from '../ui/loadable.ts';

export const useScheduler = create<{ status: Loadable<SchedulerStatus> }>(() => ({ status: { status: 'loading' } }));

let question = 0;

export async function loadScheduler(): Promise<void> {
  const asked = ++question;
  try {
    const value = await api.schedules.status();
    if (asked === question) useScheduler.setState({ status: { status: 'ready', value } });
  } catch (thrown) {
    // An alarm that was in sight stays there while the engine does not answer.
    if (asked === question && useScheduler.getState().status.status !== 'ready') {
      useScheduler.setState({ status: { status: 'failed', error: errorReport(thrown) } });
    }
  }
}

/** Asks again when the catalog changes and each minute, since lateness comes by itself. */
export function useFollowScheduler(): void {
  const catalog = useApp((state) => state.catalog);
  useEffect(() => {
    void loadScheduler();
  }, [catalog]);
  useEffect(() => {
    const timer = setInterval(() => void loadScheduler(), 60_000);
    return () => clearInterval(timer);
  }, []);
}

/** null: run on. */
export async function pauseUntil(until: Date | null): Promise<void> {
  const value = await api.schedules.pause({ until: until === null ? null : until.toISOString() });
  question += 1;
  useScheduler.setState({ status: { status: 'ready', value } });
}

export type PauseChoice = { label: string; until: (now: Date) => Date };

export const pauseChoices: PauseChoice[] = [
  { label: 'For an hour', until: (now) => new Date(now.getTime() + 3_600_000) },
  {
    label: 'Until tomorrow 08:00',
    until: tomorrowMorning,
  },
  { label: 'Until somebody resumes', until: openEnd },
];
