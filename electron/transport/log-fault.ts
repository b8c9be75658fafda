import type { Log } from '../engine/ports.ts';
import { fromWireError } from './errors.ts';

/** Faults of the program go to its log with their cause; the caller only hears that there was one. */
export function logFault(log: Log, thrown: unknown): void {
  const report = fromWireError(thrown);
  if (report.code === 'INTERNAL') log.error(report.message, thrown instanceof Error ? (thrown.cause ?? thrown) : thrown);
}
