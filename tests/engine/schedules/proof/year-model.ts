// What docs/schedules.md says of every slot, as a model: told what time it is and how backups end, it says which states each
// record may be in. Where the page leaves two answers, both are legal and the one that was given is taken on.
import type { MissedPolicy, ScheduleFields } from '../../../../shared/contract/schedules.ts';
import { minute } from './wall.ts';

/** `state` or `state/reason`. */
export type Verdict = string;

export type OpenRun = {
  trigger: 'slot' | 'catch-up';
  phase: 'waiting' | 'working' | 'pausing';
  interruptions: number;
  attempts: number;
  nextTry: number;
  /** When the backup window ends; null: not begun, or no window. */
  deadline: number | null;
};
export type Record_ = { at: number; verdicts: Verdict[]; open: OpenRun | null; begun: boolean };

/** Where the product's answer stands: what is on record for a slot now. */
export type Look = (scheduleId: string, at: number) => { verdict: Verdict; trigger: string; phase: string | null } | null;

export class ScheduleModel {
  readonly id: string;
  /** Slots with after < at <= upTo, from the oracle; changed when the schedule is edited. */
  slots: (after: number, upTo: number) => number[];
  policy: MissedPolicy;
  overlap: ScheduleFields['overlap'];
  retries: number;
  enabled = true;
  settledAt: number;
  /** The next such wall time after an instant; null: no window. */
  windowEnd: ((after: number) => number) | null = null;
  readonly moved = new Map<number, number | null>();
  readonly records = new Map<number, Record_>();
  /** Records that nobody has compared since. */
  readonly changed = new Set<Record_>();

  constructor(id: string, fields: Pick<ScheduleFields, 'missed' | 'overlap' | 'retries'>, slots: ScheduleModel['slots'], now: number) {
    this.id = id;
    this.slots = slots;
    this.policy = fields.missed;
    this.overlap = fields.overlap;
    this.retries = fields.retries;
    this.settledAt = now;
  }

  /** Slots to come or past, with moves and skips by hand; ascending. */
  planned(after: number, upTo: number): { at: number; skipped: boolean }[] {
    if (!this.enabled) return [];
    const found = new Map<number, boolean>();
    for (const at of this.slots(after, upTo)) if (!this.moved.has(at)) found.set(at, false);
    for (const [at, to] of this.moved) {
      const where = to ?? at;
      if (where > after && where <= upTo) found.set(where, to === null);
    }
    return [...found].map(([at, skipped]) => ({ at, skipped })).sort((one, other) => one.at - other.at);
  }

  open(): Record_[] {
    return [...this.records.values()].filter((record) => record.open !== null).sort((one, other) => one.at - other.at);
  }
  working(): Record_ | null {
    return this.open().find((record) => record.open?.phase !== 'waiting') ?? null;
  }

  /** Everything since the last settling. `pauses`: [from, until). `dead`: the leader before this one died with runs in hand. */
  settle(now: number, pauses: [number, number][], dead: boolean, look: Look): void {
    if (this.settledAt > now + minute) {
      this.settledAt = now;
      for (const [at, record] of this.records) {
        const state = record.verdicts[0]?.split('/')[0] ?? '';
        if (at > now && record.open === null && !record.begun && ['missed', 'skipped'].includes(state)) {
          this.records.delete(at);
          this.changed.delete(record);
        }
      }
    }
    const orphans = dead ? this.open() : [];
    for (const orphan of orphans) {
      if (orphan.open !== null && orphan.open.phase !== 'waiting') orphan.open.interruptions += 1;
    }
    const from = this.settledAt;
    this.settledAt = Math.max(from, now);
    const late: Record_[] = [];
    const onTime: number[] = [];
    for (const { at, skipped } of this.planned(from, now)) {
      if (this.records.has(at)) continue;
      const paused = pauses.some(([since, until]) => at >= since && at < until);
      if (skipped || paused) {
        const reasons = [...(skipped ? ['skipped/by-user'] : []), ...(paused ? ['skipped/paused'] : [])];
        this.put(at, reasons);
      } else if (now - at > minute) late.push(this.put(at, []));
      else onTime.push(at);
    }
    this.decideLate(now, late, orphans, look);
    for (const at of onTime) this.admit(this.put(at, []), 'slot');
  }

  private put(at: number, verdicts: Verdict[]): Record_ {
    const record: Record_ = { at, verdicts, open: null, begun: false };
    this.records.set(at, record);
    this.changed.add(record);
    return record;
  }

  private decideLate(now: number, late: Record_[], orphans: Record_[], look: Look): void {
    const all: Record_[] = [...late];
    for (const orphan of orphans) {
      const given = look(this.id, orphan.at);
      // It only waited and its minute is not over: still on time, by one reading.
      if (
        orphan.open?.phase === 'waiting' &&
        !orphan.begun &&
        now - orphan.at <= minute &&
        given?.verdict === 'running' &&
        given.trigger === 'slot'
      )
        continue;
      if ((orphan.open?.interruptions ?? 0) >= 3) this.end(orphan, ['failed/interrupted']);
      else all.push(orphan);
    }
    all.sort((one, other) => other.at - one.at);
    const [newest] = all;
    if (newest === undefined) return;
    const runs = this.policy.kind === 'runOnce' || (this.policy.kind === 'grace' && now - newest.at <= this.policy.seconds * 1000);
    const alone = this.policy.kind === 'skip' ? 'missed/policy-skip' : 'missed/too-late';
    for (const one of all) {
      if (runs && one === newest) continue;
      const wasRunning = one.open !== null && one.open.phase !== 'waiting';
      const verdict = runs ? 'missed/covered' : alone;
      // A run that had begun did not simply miss its time.
      if (wasRunning) this.end(one, this.policy.kind === 'skip' ? ['failed/interrupted'] : ['failed/interrupted', verdict]);
      else this.end(one, one.open === null ? [verdict] : [verdict, 'failed/interrupted']);
    }
    if (!runs) return;
    const interruptions = newest.open?.interruptions ?? 0;
    this.end(newest, []);
    this.admit(newest, 'catch-up');
    if (newest.open !== null) newest.open.interruptions = interruptions;
  }

  private begin(record: Record_, trigger: 'slot' | 'catch-up', phase: 'waiting' | 'working'): void {
    record.open = { trigger, phase, interruptions: 0, attempts: 0, nextTry: 0, deadline: null };
    this.changed.add(record);
    record.begun ||= phase === 'working';
    record.verdicts = ['running'];
  }
  private end(record: Record_, verdicts: Verdict[]): void {
    this.changed.add(record);
    record.open = null;
    record.verdicts = verdicts;
  }

  /** "Overlap". */
  private admit(record: Record_, trigger: 'slot' | 'catch-up'): void {
    const there = this.open().filter((one) => one !== record);
    if (there.length === 0) return this.begin(record, trigger, 'working');
    const waiting = there.filter((one) => one.open?.phase === 'waiting');
    const wait = (): void => this.begin(record, trigger, 'waiting');
    if (trigger === 'catch-up') {
      // It waits for whatever is in its way; only a newer catch-up takes the place of one that still waits.
      for (const one of waiting) if (one.open?.trigger === 'catch-up') this.end(one, ['missed/covered']);
      return wait();
    }
    const regular = there.filter((one) => one.open?.trigger === 'slot');
    if (this.overlap === 'skip') return regular.length > 0 ? this.end(record, ['skipped/overlap']) : wait();
    if (this.overlap === 'cancel') {
      for (const one of regular)
        this.end(one, one.open?.phase === 'waiting' ? ['cancelled/replaced', 'skipped/overlap'] : ['cancelled/replaced']);
      return regular.length === there.length ? this.begin(record, trigger, 'working') : wait();
    }
    for (const one of waiting) if (one.open?.trigger === 'slot') this.end(one, ['skipped/overlap']);
    wait();
  }

  /** The backup of the run at work has ended. */
  finished(now: number, how: 'good' | 'refused' | 'down'): void {
    const record = this.working();
    if (record?.open?.phase !== 'working') throw new Error('nothing is at work');
    const { open } = record;
    open.attempts += 1;
    if (how === 'good') this.end(record, [open.trigger === 'catch-up' ? 'caught-up' : 'succeeded']);
    else if (how === 'down' && open.attempts <= this.retries) {
      open.phase = 'pausing';
      open.nextTry = now + Math.min(30, 2 ** (open.attempts - 1)) * minute;
      return;
    } else this.end(record, ['failed']);
  }

  /** "Window end": the run at work is cancelled where it has overstayed. */
  closeWindow(now: number): void {
    const record = this.working();
    if (record !== null && (record.open?.deadline ?? Infinity) <= now) this.end(record, ['cancelled/window-end']);
  }
  /** Gives runs that have just begun their end. */
  begun(now: number): void {
    const open = this.working()?.open ?? null;
    if (this.windowEnd !== null && open !== null) open.deadline ??= this.windowEnd(now);
  }

  /** Pauses that are over, and whoever waits while nothing is at work. True: the run at work calls for a backup now. */
  goOn(now: number, look: Look): boolean {
    const current = this.working();
    if (current === null) {
      const [next] = this.open();
      if (next?.open === undefined || next.open === null) return false;
      next.open.phase = 'working';
      next.begun = true;
      return true;
    }
    const { open } = current;
    // Where the clock went back, it need not wait until the old time comes again.
    const early =
      open !== null &&
      open.nextTry - now > Math.min(30, 2 ** (open.attempts - 1)) * minute &&
      look(this.id, current.at)?.phase === 'working';
    if (open?.phase === 'pausing' && (open.nextTry <= now || early)) {
      open.phase = 'working';
      return true;
    }
    return current.open?.phase === 'working';
  }
}
