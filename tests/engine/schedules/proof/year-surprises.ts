// What comes in between in the simulated year: sleep, crashes, clocks set back, and people who pause, move, skip and edit.
import type { ScheduleFields } from '../../../../shared/contract/schedules.ts';
import type { Dice } from './dice.ts';
import { day, minute } from './wall.ts';
import type { Year } from './year-engine.ts';
import type { ScheduleModel } from './year-model.ts';

const hour = 60 * minute;

export type Play = {
  now: number;
  lastEdit: number;
  year: Year;
  models: ScheduleModel[];
  /** [from, until) */
  pauses: [number, number][];
  /** When the backups that go on will end, by schedule. */
  inHand: Map<string, number>;
  fieldsOf: Map<string, ScheduleFields>;
  nameOf: (scheduleId: string) => string;
  step: (text: string) => void;
  tick: (dead?: boolean) => Promise<void>;
};

/** As often as each is to come. */
export const surpriseNames = [
  'sleep',
  'sleep',
  'sleep',
  'crash',
  'crash',
  'restart',
  'clockBack',
  'pause',
  'unpause',
  'move',
  'move',
  'skip',
  'edit',
  'onOff',
];

export function surprisesOf(play: Play, { roll, between, one }: Dice): Record<string, () => Promise<void>> {
  const { year, models, pauses, inHand, fieldsOf, nameOf, step, tick } = play;
  const comingSlot = (model: ScheduleModel): number | null => {
    const coming = model
      .planned(play.now, play.now + 9 * day)
      .filter((slot) => !slot.skipped && !model.moved.has(slot.at) && ![...model.moved.values()].includes(slot.at));
    return coming.length === 0 ? null : one(coming).at;
  };

  return {
    sleep: async () => {
      play.now += between(2, roll() < 0.2 ? 5000 : 600) * minute + between(0, 59) * 1000;
      step('woke up');
      await tick();
    },
    crash: async () => {
      if (pauses.some(([since, until]) => play.now >= since && play.now < until)) return;
      inHand.clear();
      await year.crash();
      play.now += roll() < 0.3 ? between(1, 90) * 1000 : between(2, 900) * minute;
      step('crashed and started again');
      await year.reopen();
      await tick(true);
    },
    restart: async () => {
      if (models.some((model) => model.open().length > 0)) return;
      await year.close();
      play.now += between(1, 300) * minute;
      step('closed and started again');
      await year.reopen();
      await tick();
    },
    clockBack: async () => {
      const by = roll() < 0.3 ? between(1, 60) * 1000 : between(2, 2000) * minute;
      if (play.now - by < play.lastEdit + hour || pauses.some(([, until]) => until > play.now - by - hour)) return;
      play.now -= by;
      step(`the clock went back by ${by / minute} minutes`);
      await tick();
    },
    pause: async () => {
      const until = play.now + between(30, 1500) * minute;
      // The newest word counts.
      for (const pause of pauses) pause[1] = Math.min(pause[1], play.now);
      pauses.push([play.now, until]);
      step(`paused until ${new Date(until).toISOString()}`);
      await year.client().schedules.pause({ until: new Date(until).toISOString() });
      play.lastEdit = play.now;
    },
    unpause: async () => {
      const pause = pauses.at(-1);
      if (pause === undefined || pause[1] <= play.now) return;
      pause[1] = play.now;
      step('goes on');
      await year.client().schedules.pause({ until: null });
    },
    move: async () => {
      const model = one(models);
      const at = comingSlot(model);
      if (at === null) return;
      const to = Math.max(at + between(-300, 300) * minute, play.now + 10 * minute);
      const whole = Math.floor(to / minute) * minute + 7 * minute;
      if (model.planned(whole - 20 * minute, whole + 20 * minute).length > 0 || whole === at || model.records.has(whole)) return;
      model.moved.set(at, whole);
      step(`${nameOf(model.id)}: ${new Date(at).toISOString()} moved to ${new Date(whole).toISOString()}`);
      await year
        .client()
        .schedules.moveSlot({ id: model.id, at: new Date(at).toISOString(), to: new Date(whole).toISOString(), which: 'one' });
      play.lastEdit = play.now;
    },
    skip: async () => {
      const model = one(models);
      const at = comingSlot(model);
      if (at === null) return;
      model.moved.set(at, null);
      step(`${nameOf(model.id)}: ${new Date(at).toISOString()} skipped`);
      await year.client().schedules.skipSlot({ id: model.id, at: new Date(at).toISOString(), skip: true });
      play.lastEdit = play.now;
    },
    edit: async () => {
      const model = one(models);
      const fields = fieldsOf.get(model.id);
      if (fields === undefined || model.open().length > 0) return;
      const changed: ScheduleFields = {
        ...fields,
        enabled: model.enabled,
        // What goes first, the end of the window or the slot of that minute, must not matter.
        overlap: fields.windowEnd === null ? one(['skip', 'queue', 'cancel'] as const) : 'queue',
        missed: one([{ kind: 'runOnce' }, { kind: 'skip' }, { kind: 'grace', seconds: between(10, 300) * 60 }] as const),
      };
      fieldsOf.set(model.id, changed);
      [model.overlap, model.policy] = [changed.overlap, changed.missed];
      step(`${fields.name}: ${changed.overlap}, ${JSON.stringify(changed.missed)}`);
      await year.client().schedules.update({ id: model.id, schedule: changed });
      play.lastEdit = play.now;
    },
    onOff: async () => {
      const model = one(models);
      if (model.open().length > 0) return;
      model.enabled = !model.enabled;
      model.settledAt = play.now;
      step(`${nameOf(model.id)}: ${model.enabled ? 'on' : 'off'}`);
      await year.client().schedules.setEnabled({ id: model.id, enabled: model.enabled });
      play.lastEdit = play.now;
    },
  };
}
