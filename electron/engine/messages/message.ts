// What a message tells, as plain data: kept in the outbox, rendered anew for each kind of channel. Never a secret.
import type { MessageEvent } from '../../../shared/contract/messages.ts';
import type { ErrorReport } from '../../../shared/errors.ts';

export type MessageTone = 'bad' | 'attention' | 'good' | 'plain';

export type Message = {
  event: MessageEvent | 'test';
  tone: MessageTone;
  /** The state in words, in capitals: colour alone is never what tells. */
  state: string;
  /** One line, the worst first. */
  subject: string;
  /** One or two sentences. */
  summary: string;
  /** Label and value, in the order to show them. */
  facts: { label: string; value: string }[];
  /** One line each: databases of a run, schedules of a digest, slots that were missed. */
  items: { title: string; lines: { name: string; state: string; detail: string }[] } | null;
  error: Pick<ErrorReport, 'code' | 'message' | 'hint' | 'detail'> | null;
  /** When it was told: ISO 8601, UTC. */
  at: string;
  /** What a click on it should show. */
  page: 'schedules' | 'retention';
  /** For programs (generic webhooks); null where it does not apply. */
  data: {
    server: string | null;
    databases: string[];
    profile: string | null;
    schedule: string | null;
    scheduleId: string | null;
    runId: string | null;
    plannedAt: string | null;
    timeZone: string | null;
    startedAt: string | null;
    durationMs: number | null;
    sizeBytes: number | null;
    backupIds: string[];
  };
};

export const noData: Message['data'] = {
  server: null,
  databases: [],
  profile: null,
  schedule: null,
  scheduleId: null,
  runId: null,
  plannedAt: null,
  timeZone: null,
  startedAt: null,
  durationMs: null,
  sizeBytes: null,
  backupIds: [],
};

/** What an outbox row carries: a message, or which of the three addresses of a ping to call. */
export type OutboxBody = { kind: 'message'; message: Message } | { kind: 'ping'; ping: 'start' | 'success' | 'fail' };

/** Shortened to so many characters, with an ellipsis. */
export const atMost = (text: string, limit: number): string => (text.length <= limit ? text : `${text.slice(0, limit - 1).trimEnd()}…`);
