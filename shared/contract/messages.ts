import { oc } from '@orpc/contract';
import { z } from 'zod';
import { errorReport, id, timestamp } from './common.ts';

/** What a DBA can be told of. */
export const messageEvents = [
  'failed',
  'succeeded',
  'recovered',
  'missed',
  'overdue',
  'none-in-24h',
  'many-failures',
  'cleanup-failed',
  'digest',
] as const;
export type MessageEvent = (typeof messageEvents)[number];

const url = z.url({ protocol: /^https?$/ }).max(2000);

/** Where messages go. What is secret (passwords, tokens, whole webhook addresses) is handed in beside, kept in the secret
 * store, and never comes back. */
export const channelKind = z.discriminatedUnion('kind', [
  /** Shown by the desktop program, on this machine. */
  z.object({ kind: z.literal('desktop') }),
  z.object({
    kind: z.literal('email'),
    host: z.string().min(1),
    port: z.number().int().min(1).max(65535).default(587),
    /** `starttls`: refuses to go on without; `tls`: from the first byte; `none`: only to this machine. */
    security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    /** PEM file of a private authority; empty: the system's. */
    caFile: z.string().default(''),
    user: z.string().default(''),
    from: z.string().min(3),
    to: z.array(z.string().min(3)).min(1),
  }),
  z.object({ kind: z.literal('slack') }),
  z.object({ kind: z.literal('teams') }),
  z.object({ kind: z.literal('discord') }),
  z.object({ kind: z.literal('telegram'), chatId: z.string().min(1) }),
  z.object({ kind: z.literal('webhook') }),
  /** A dead man's ping: GET the address after success, `/start` and `/fail` after it before and after failure. */
  z.object({ kind: z.literal('ping'), withStart: z.boolean().default(true) }),
]);
export type ChannelKind = z.infer<typeof channelKind>;

/** email: the SMTP `password`. slack, teams, discord, webhook, ping: the `url`. telegram: the `token`. webhook: `signingKey`.
 * `apiBase`: another server that speaks Telegram's Bot API. */
export const channelSecret = z.object({
  url: url.optional(),
  password: z.string().optional(),
  token: z.string().optional(),
  signingKey: z.string().optional(),
  apiBase: url.optional(),
});
export type ChannelSecret = z.infer<typeof channelSecret>;

export const channelFields = z.object({
  name: z.string().trim().min(1).max(100),
  enabled: z.boolean().default(true),
  target: channelKind,
  events: z
    .array(z.enum(messageEvents))
    .default(['failed', 'recovered', 'missed', 'overdue', 'none-in-24h', 'many-failures', 'cleanup-failed']),
  /** Only about these schedules; empty: about all. */
  scheduleIds: z.array(id).default([]),
});
export type ChannelFields = z.infer<typeof channelFields>;

export const delivery = z.object({
  id,
  channelId: id,
  channel: z.string(),
  event: z.enum([...messageEvents, 'test', 'ping']),
  subject: z.string(),
  createdAt: timestamp,
  state: z.enum(['waiting', 'sent', 'failed']),
  tries: z.number().int(),
  nextTryAt: timestamp.nullable(),
  sentAt: timestamp.nullable(),
  error: errorReport.nullable(),
});
export type Delivery = z.infer<typeof delivery>;

export const channel = channelFields.extend({
  id,
  /** Which secrets are on file. */
  holds: z.array(z.enum(['url', 'password', 'token', 'signingKey', 'apiBase'])),
  /** For people, without secrets: `smtp.example.org, to dba@example.org`, `hooks.slack.com/…`. */
  place: z.string(),
  lastDelivery: delivery.nullable(),
});
export type Channel = z.infer<typeof channel>;

export const messagesContract = {
  channels: oc.route({ method: 'GET', path: '/messages/channels' }).output(z.array(channel)),
  /** Errors: ALREADY_EXISTS, BAD_INPUT (a secret that this kind needs is missing), SECRET_STORE_FAILED. */
  addChannel: oc
    .route({ method: 'POST', path: '/messages/channels' })
    .input(z.object({ channel: channelFields, secret: channelSecret.prefault({}) }))
    .output(channel),
  /** Secrets that are left out stay, unless they would go to another mail server or API. */
  updateChannel: oc
    .route({ method: 'PUT', path: '/messages/channels/{id}' })
    .input(z.object({ id, channel: channelFields, secret: channelSecret.prefault({}) }))
    .output(channel),
  removeChannel: oc
    .route({ method: 'DELETE', path: '/messages/channels/{id}' })
    .input(z.object({ id }))
    .output(z.object({ removed: id })),
  /** Sends a test now and waits for the answer. Errors: MESSAGE_NOT_SENT. */
  test: oc.route({ method: 'POST', path: '/messages/channels/{id}/test' }).input(z.object({ id })).output(delivery),
  /** Newest first. */
  deliveries: oc
    .route({ method: 'GET', path: '/messages/deliveries' })
    .input(z.object({ channelId: id.optional(), limit: z.coerce.number().int().min(1).max(1000).default(100) }))
    .output(z.array(delivery)),
};
