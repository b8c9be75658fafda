// What the page and the tray mean by a pause.

/** 08:00 of the next day on this machine's clock: the night's runs fall into the pause. */
export const tomorrowMorning = (now: Date): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 8);

/** No calendar has an end for "until I say so"; this is as long as anybody could mean. */
export const openEnd = (now: Date): Date => new Date(now.getFullYear() + 100, 0, 1);

/** Whether only a person ends the pause. */
export const isOpenEnded = (pausedUntil: string, now: number): boolean => Date.parse(pausedUntil) - now > 50 * 365 * 86_400_000;
