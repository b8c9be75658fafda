// A simulated year: a clock that jumps, sleeps, crashes, servers that fail, people who pause, move, skip and edit. After every
// step the catalog must say what the model says.
import type { ScheduleFields } from '../../../../shared/contract/schedules.ts';
import { dice } from './dice.ts';
import { ScheduleModel, type Look } from './year-model.ts';
import { day, minute } from './wall.ts';
import { openYear, patienceMs, type Year } from './year-engine.ts';
import { schedulesOfTheYear, slotsOf } from './year-schedules.ts';
import { surpriseNames, surprisesOf, type Play } from './year-surprises.ts';

export type Tally = Record<string, number>;

/** Plays `days` days from a start and gives what happened how often. Throws with the seed and the last steps where it differs. */
export async function playYear(seed: number, days: number): Promise<Tally> {
  const start = Date.parse('2026-01-05T06:00:00Z');
  const end = start + days * day;
  const { roll, between, one } = dice(seed);
  const tally: Tally = {};
  const count = (what: string): void => void (tally[what] = (tally[what] ?? 0) + 1);
  const steps: string[] = [];
  let now = start;
  const year: Year = await openYear(() => now);
  const models: ScheduleModel[] = [];
  const fieldsOf = new Map<string, ScheduleFields>();
  for (const fields of schedulesOfTheYear(year.profileId)) {
    const made = await year.client().schedules.create({ schedule: fields });
    const model = new ScheduleModel(made.id, fields, slotsOf(fields, start, end), now);
    if (fields.windowEnd !== null) {
      const ends = slotsOf({ ...fields, when: { kind: 'daily', time: fields.windowEnd } }, start, end);
      model.windowEnd = (after) => ends(after, after + 3 * day)[0] ?? Infinity;
    }
    models.push(model);
    fieldsOf.set(made.id, fields);
  }
  const pauses: [number, number][] = [];
  const inHand = new Map<string, number>();
  const step = (text: string): void => void steps.push(`${new Date(now).toISOString()} ${text}`);
  const nameOf = (id: string): string => fieldsOf.get(id)?.name ?? id;
  const look: Look = (scheduleId, at) => {
    const row = year.recordAt(scheduleId, at);
    if (row === null) return null;
    // Asked to stop, which takes a moment.
    const state = row.state === 'running' && (row.reason === 'replaced' || row.reason === 'window-end') ? 'cancelled' : row.state;
    return {
      verdict: row.reason === null || state === 'running' ? state : `${state}/${row.reason}`,
      trigger: row.trigger,
      phase: row.phase,
    };
  };
  const fail = (why: string): never => {
    throw new Error(`seed ${seed}: ${why}\nlast steps:\n${steps.slice(-15).join('\n')}\nfaults:\n${year.faults.slice(-3).join('\n')}`);
  };
  const wait = async (what: string, condition: () => boolean): Promise<void> => {
    const limit = performance.now() + patienceMs;
    while (!condition()) {
      if (performance.now() > limit) fail(what);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  /** Everything that is on record for a schedule since a moment against the model. */
  const differences = (model: ScheduleModel, since: number): string[] => {
    const rows = year.records(model.id, since);
    const seen = new Map(rows.map((row) => [Date.parse(row.plannedAt), row]));
    const found: string[] = [];
    for (const record of since === 0 ? model.records.values() : new Set([...model.changed, ...model.open()])) {
      const { at } = record;
      const row = seen.get(at) ?? (at < since ? year.recordAt(model.id, at) : undefined) ?? undefined;
      const has = row === undefined ? 'nothing' : row.state === 'running' || row.reason === null ? row.state : `${row.state}/${row.reason}`;
      if (!record.verdicts.some((verdict) => verdict === has || verdict === row?.state))
        found.push(`${nameOf(model.id)} ${new Date(at).toISOString()}: the rules say ${record.verdicts.join(' or ')}, the record ${has}`);
      else if (record.open !== null && row?.phase !== record.open.phase)
        found.push(
          `${nameOf(model.id)} ${new Date(at).toISOString()}: the rules say ${record.open.phase}, the record ${String(row?.phase)}`,
        );
      else if (row !== undefined && record.open === null) record.verdicts = [record.verdicts.includes(row.state) ? row.state : has];
    }
    for (const at of seen.keys())
      if (!model.records.has(at))
        found.push(`${nameOf(model.id)} ${new Date(at).toISOString()}: no slot by the rules, the record ${String(seen.get(at)?.state)}`);
    return found;
  };
  const agree = async (): Promise<void> => {
    let last: string[] = [];
    const limit = performance.now() + patienceMs;
    for (;;) {
      last = models.flatMap((model) => differences(model, now - day));
      if (last.length === 0) {
        for (const model of models) model.changed.clear();
        return;
      }
      if (performance.now() > limit) fail(last.slice(0, 5).join('\n'));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  /** Lets every run that may go on call for its backup, and decides how each ends. */
  const work = async (): Promise<void> => {
    for (let again = true; again;) {
      again = false;
      for (const model of models) {
        const goesOn = model.goOn(now, look);
        model.begun(now);
        if (!goesOn || inHand.has(model.id)) continue;
        await wait(`${nameOf(model.id)} should be making a backup, and is not`, () => year.calls.has(model.id));
        const luck = roll();
        const how = luck < 0.8 ? 'good' : luck < 0.86 ? 'refused' : luck < 0.93 ? 'down' : 'long';
        count(how);
        step(`${nameOf(model.id)}: ${how}`);
        if (how === 'long') inHand.set(model.id, now + between(10, 400) * minute);
        else {
          model.finished(now, how);
          year.answer(model.id, how);
        }
        again = true;
      }
    }
  };
  /** The clock stands somewhere new: the program looks. */
  const tick = async (dead = false): Promise<void> => {
    year.wake();
    const before = new Map(models.map((model) => [model.id, model.working()?.at]));
    await year.looked(now);
    if (!dead) for (const model of models) model.closeWindow(now);
    for (const model of models) model.settle(now, pauses, dead, look);
    // Who was cancelled for a newer one has stopped.
    for (const model of models)
      if (inHand.has(model.id) && model.working()?.at !== before.get(model.id)) {
        await wait(`${nameOf(model.id)}: the replaced backup was told to stop`, () => year.stopped(model.id));
        inHand.delete(model.id);
        year.answer(model.id, 'cancelled');
      }
    for (const [id, at] of inHand)
      if (at <= now) {
        inHand.delete(id);
        models.find((model) => model.id === id)?.finished(now, 'good');
        year.answer(id, 'good');
      }
    await work();
    await agree();
  };

  const nextEvent = (): number => {
    let next = now + day;
    for (const model of models) {
      const [slot] = model.planned(model.settledAt, next);
      if (slot !== undefined)
        next = Math.min(
          next,
          slot.at + (roll() < 0.3 ? 0 : one([between(0, 59_999), between(0, 59_999), between(0, 59_999), 60_000, 60_001])),
        );
      const open = model.working()?.open;
      if (open?.phase === 'pausing') next = Math.min(next, open.nextTry);
      next = Math.min(next, open?.deadline ?? Infinity);
    }
    for (const at of inHand.values()) next = Math.min(next, at);
    return Math.max(next, now);
  };
  const play: Play = {
    get now() {
      return now;
    },
    set now(to) {
      now = to;
    },
    lastEdit: start,
    year,
    models,
    pauses,
    inHand,
    fieldsOf,
    nameOf,
    step,
    tick,
  };
  const surprises = surprisesOf(play, { roll, between, one });

  while (now < end) {
    if (roll() < 0.07) {
      const name = one(surpriseNames);
      count(name);
      await surprises[name]?.();
    } else {
      now = nextEvent();
      step('looks');
      await tick();
    }
  }
  // Everything that is in hand ends; then every planned slot of the year has exactly one record, as the model says.
  for (const pause of pauses) pause[1] = Math.min(pause[1], now);
  for (let left = 0; models.some((model) => model.open().length > 0); left++) {
    if (left > 2000) fail('runs that never end');
    now = nextEvent();
    await tick();
  }
  const wrong = models.flatMap((model) => differences(model, 0));
  if (wrong.length > 0) fail(wrong.slice(0, 10).join('\n'));
  for (const model of models) {
    for (const record of model.records.values()) count(record.verdicts[0] ?? '');
    const homes = new Map([...model.moved].filter(([, to]) => to !== null).map(([from, to]) => [to ?? 0, from]));
    for (const run of year.records(model.id, 0)) {
      const by = run.coveredBy === null ? null : year.record(run.coveredBy);
      if (run.reason === 'covered' && (by === null || by.plannedAt <= run.plannedAt))
        fail(`${run.plannedAt} is covered by ${by?.plannedAt ?? 'nothing'}`);
      const from = homes.get(Date.parse(run.plannedAt));
      if (from !== undefined && !run.detail.includes(new Date(from).toISOString()))
        fail(`${run.plannedAt} does not say that it was moved from ${new Date(from).toISOString()}: ${run.detail}`);
    }
  }
  if (year.faults.length > 0) fail('the program logged errors');
  await year.close();
  return tally;
}
