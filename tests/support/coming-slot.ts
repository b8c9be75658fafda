type Made = { id: string; nextAt: string | null };

/** Makes a daily schedule, in UTC, for the next minute of a clock that goes on meanwhile. Where that minute came before the
 * schedule was made, it is made again for the one after: a slow machine waits longer, and that is all. */
export async function scheduleComingSlot<T extends Made>(steps: {
  /** The next whole minute by that clock, as ISO 8601. */
  nextMinute: () => string | Promise<string>;
  /** `time`: HH:MM. */
  make: (time: string) => Promise<T>;
  remove: (schedule: T) => Promise<unknown>;
}): Promise<{ schedule: T; slot: string }> {
  for (;;) {
    const slot = await steps.nextMinute();
    const schedule = await steps.make(slot.slice(11, 16));
    if (schedule.nextAt === slot) return { schedule, slot };
    await steps.remove(schedule);
  }
}
