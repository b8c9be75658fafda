// A channel as it is typed. Secrets are apart: what is on file never comes back, and stays where its field is left empty.
import type { Channel, ChannelFields, ChannelKind, ChannelSecret, MessageEvent } from '../../shared/contract/messages.ts';

export type Kind = ChannelKind['kind'];

export const kinds: { value: Kind; label: string; about: string }[] = [
  { value: 'email', label: 'E-mail', about: 'By SMTP, in text and HTML' },
  { value: 'slack', label: 'Slack', about: 'By an incoming webhook' },
  { value: 'teams', label: 'Microsoft Teams', about: 'By a workflow’s webhook' },
  { value: 'discord', label: 'Discord', about: 'By a channel’s webhook' },
  { value: 'telegram', label: 'Telegram', about: 'By a bot of yours' },
  { value: 'webhook', label: 'Webhook', about: 'A signed POST of JSON to an address of yours' },
  { value: 'ping', label: 'Dead man’s ping', about: 'Somebody outside notices when the pings stop' },
  { value: 'desktop', label: 'Desktop notification', about: 'Shown by the desktop program on this machine' },
];

export const eventChoices: { value: MessageEvent; label: string; about: string }[] = [
  { value: 'failed', label: 'A run failed', about: 'with the error and the next step' },
  { value: 'recovered', label: 'It is well again', about: 'the first success after a failure or a missed run' },
  { value: 'missed', label: 'Runs were missed', about: 'the machine was asleep or off' },
  { value: 'overdue', label: 'A backup is overdue', about: 'an hour past its time, and none has succeeded' },
  { value: 'none-in-24h', label: 'No success in 24 hours', about: 'though there should have been one' },
  { value: 'many-failures', label: 'More than two failures in 24 hours', about: 'told once until it is over' },
  { value: 'cleanup-failed', label: 'A cleanup failed', about: 'old backups could not be deleted' },
  { value: 'succeeded', label: 'Each success', about: 'a message for every backup' },
  { value: 'digest', label: 'Digest of the week', about: 'Mondays at 08:00' },
];

const usual: MessageEvent[] = ['failed', 'recovered', 'missed', 'overdue', 'none-in-24h', 'many-failures', 'cleanup-failed'];

export type ChannelForm = {
  name: string;
  enabled: boolean;
  kind: Kind;
  host: string;
  port: number | null;
  security: 'starttls' | 'tls' | 'none';
  caFile: string;
  user: string;
  from: string;
  to: string[];
  chatId: string;
  withStart: boolean;
  events: MessageEvent[];
  scheduleIds: string[];
  /** Empty: what is on file stays. */
  secret: Record<keyof ChannelSecret, string>;
};

const noSecret = { url: '', password: '', token: '', signingKey: '', apiBase: '' };

export function channelForm(channel: ChannelFields | null): ChannelForm {
  const target = channel?.target;
  const email = target?.kind === 'email' ? target : null;
  return {
    name: channel?.name ?? '',
    enabled: channel?.enabled ?? true,
    kind: target?.kind ?? 'email',
    host: email?.host ?? '',
    port: email?.port ?? 587,
    security: email?.security ?? 'starttls',
    caFile: email?.caFile ?? '',
    user: email?.user ?? '',
    from: email?.from ?? '',
    to: email?.to ?? [],
    chatId: target?.kind === 'telegram' ? target.chatId : '',
    withStart: target?.kind === 'ping' ? target.withStart : true,
    events: channel?.events ?? usual,
    scheduleIds: channel?.scheduleIds ?? [],
    secret: noSecret,
  };
}

/** The port that goes with a kind of encryption. */
export function usualPort(security: ChannelForm['security']): number {
  return security === 'tls' ? 465 : security === 'starttls' ? 587 : 25;
}

/** Which secret fields a kind has. */
export function secretsOf(kind: Kind): (keyof ChannelSecret)[] {
  switch (kind) {
    case 'desktop':
      return [];
    case 'email':
      return ['password'];
    case 'slack':
    case 'teams':
    case 'discord':
    case 'ping':
      return ['url'];
    case 'webhook':
      return ['url', 'signingKey'];
    case 'telegram':
      return ['token', 'apiBase'];
  }
}

export type ChannelProblems = Partial<
  Record<'name' | 'host' | 'port' | 'from' | 'to' | 'chatId' | 'url' | 'token' | 'apiBase' | 'events', string>
>;

const isAddress = (text: string) => /^[^\s@]+@[^\s@]+$/.test(text) || /<[^\s@]+@[^\s@]+>$/.test(text);
const isUrl = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** `holds`: the secrets that are on file already. */
export function channelProblems(form: ChannelForm, holds: readonly string[]): ChannelProblems {
  const problems: ChannelProblems = {};
  if (form.name.trim() === '') problems.name = 'Give it a name';
  if (form.kind === 'email') {
    if (form.host.trim() === '') problems.host = 'The mail server that takes it';
    if (form.port === null) problems.port = 'From 1 to 65535';
    if (!isAddress(form.from)) problems.from = 'An address, e.g. backup@example.org';
    if (form.to.length === 0) problems.to = 'At least one address';
    else if (!form.to.every(isAddress)) problems.to = `${form.to.find((one) => !isAddress(one))} is no address`;
  }
  if (form.kind === 'telegram') {
    if (form.chatId.trim() === '') problems.chatId = 'The number or @name of the chat';
    if (form.secret.token === '' && !holds.includes('token')) problems.token = 'The token that BotFather gave';
    if (form.secret.apiBase !== '' && !isUrl(form.secret.apiBase)) problems.apiBase = 'An address that begins with https://';
  }
  if (secretsOf(form.kind).includes('url')) {
    if (form.secret.url === '' && !holds.includes('url')) problems.url = 'The address to send to';
    else if (form.secret.url !== '' && !isUrl(form.secret.url)) problems.url = 'An address that begins with https://';
  }
  if (form.kind !== 'ping' && form.events.length === 0) problems.events = 'Choose at least one, or it will never be told anything';
  return problems;
}

export function channelInput(form: ChannelForm): { channel: ChannelFields; secret: ChannelSecret } {
  const wanted = secretsOf(form.kind);
  return {
    channel: {
      name: form.name.trim(),
      enabled: form.enabled,
      target: target(form),
      events: eventChoices.map((choice) => choice.value).filter((event) => form.events.includes(event)),
      scheduleIds: form.scheduleIds,
    },
    secret: Object.fromEntries(wanted.flatMap((key) => (form.secret[key] === '' ? [] : [[key, form.secret[key]]]))),
  };
}

function target(form: ChannelForm): ChannelKind {
  switch (form.kind) {
    case 'email':
      return {
        kind: 'email',
        host: form.host.trim(),
        port: form.port ?? usualPort(form.security),
        security: form.security,
        caFile: form.caFile.trim(),
        user: form.user.trim(),
        from: form.from.trim(),
        to: form.to.map((one) => one.trim()),
      };
    case 'telegram':
      return { kind: 'telegram', chatId: form.chatId.trim() };
    case 'ping':
      return { kind: 'ping', withStart: form.withStart };
    case 'desktop':
    case 'slack':
    case 'teams':
    case 'discord':
    case 'webhook':
      return { kind: form.kind };
  }
}

/** `failed, recovered and 5 more` of a channel, for its row. */
export function eventWords(channel: Pick<Channel, 'events' | 'target'>): string {
  if (channel.target.kind === 'ping')
    return channel.target.withStart ? 'start, success and failure of each run' : 'success and failure of each run';
  if (channel.events.length === 0) return 'nothing';
  if (usual.length === channel.events.length && usual.every((event) => channel.events.includes(event)))
    return 'whatever goes wrong, and when it is well again';
  return eventChoices
    .filter((choice) => channel.events.includes(choice.value))
    .map((choice, index) => (index === 0 ? choice.label : choice.label.charAt(0).toLowerCase() + choice.label.slice(1)))
    .join(', ');
}

/** What each part of the form is handed. `holds`: the secrets that are on file. */
export type ChannelPart = {
  form: ChannelForm;
  patch: (change: Partial<ChannelForm>) => void;
  problems: ChannelProblems;
  holds: readonly string[];
};
