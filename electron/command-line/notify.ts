// Channels for messages. What is secret comes from a file, the environment or standard input; never from an argument unasked.
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { channelFields, messageEvents, type Channel, type ChannelKind, type ChannelSecret } from '../../shared/contract/messages.ts';
import { HowdahError } from '../../shared/errors.ts';
import { checked } from './checked.ts';
import { parseNumber } from './numbers.ts';
import { table } from './output.ts';
import { firstLine, isUrlKind, readSecret } from './secret-input.ts';
import type { Session } from './session.ts';
import type { Shell } from './shell.ts';
import { collect, type CommandTools } from './tools.ts';

type AddOptions = {
  email?: string[];
  smtp?: string;
  tls?: boolean;
  starttls?: boolean;
  plain?: boolean;
  user?: string;
  from?: string;
  ca?: string;
  slack?: boolean;
  teams?: boolean;
  discord?: boolean;
  telegram?: string;
  webhook?: boolean;
  ping?: boolean;
  desktop?: boolean;
  start: boolean;
  url?: string;
  urlFile?: string;
  apiBase?: string;
  events?: string;
  schedule?: string[];
};

export function addNotifyCommands(program: Command, tools: CommandTools): void {
  const { output } = tools;
  const notify = program.command('notify').description('where messages about scheduled runs go');

  notify
    .command('add <name>')
    .description('add a channel; secrets come from a file, the environment or standard input')
    .option('--email <address>', 'by e-mail, to this address (repeatable); password: HOWDAH_SMTP_PASSWORD or standard input', collect)
    .option('--smtp <host:port>', 'the mail server (port 587, with --tls 465)')
    .option('--starttls', 'refuse to send without STARTTLS (default)')
    .option('--tls', 'TLS from the first byte')
    .option('--plain', 'no encryption: only to this machine')
    .option('--user <user>', 'user at the mail server')
    .option('--from <address>', "the sender's address")
    .option('--ca <file>', "a private authority's certificate, PEM")
    .option('--slack', "Slack's incoming webhook")
    .option('--teams', "a webhook of Microsoft Teams' Workflows")
    .option('--discord', "Discord's webhook")
    .option('--telegram <chat>', "a Telegram bot's message to this chat; token: HOWDAH_TELEGRAM_TOKEN or standard input")
    .option('--webhook', 'JSON to an address of your own, signed; key: HOWDAH_SIGNING_KEY, else a new one is made')
    .option('--ping', "a dead man's ping: the address after success, with /start and /fail")
    .option('--no-start', 'with --ping: do not call /start')
    .option('--desktop', 'a notification on this machine')
    .option('--url-file <file>', 'file whose first line is the address')
    .option('--url <url>', 'the address; other users can see it in the process list (or HOWDAH_WEBHOOK_URL, or standard input)')
    .option('--api-base <url>', "with --telegram: another server that speaks Telegram's Bot API")
    .option('--events <list>', `which of ${messageEvents.join(', ')}; or all`)
    .option('--schedule <name>', 'only about this schedule (repeatable)', collect)
    .action(async (name: string, options: AddOptions) => {
      const target = targetOf(options);
      const fields = { name, target, ...(options.events === undefined ? {} : { events: eventsOf(options.events) }) };
      const channel = checked(channelFields, fields);
      const { secret, made } = await secretOf(tools.shell, channel.target, options);
      if (options.url !== undefined)
        output.note('note: an address on the command line can be seen in the process list and the shell history; --url-file avoids that');
      const session = await tools.open();
      const scheduleIds = options.schedule === undefined ? [] : await scheduleIdsOf(session, options.schedule);
      const added = await session.client.messages.addChannel({ channel: { ...channel, scheduleIds }, secret });
      output.result(
        { channel: added, ...(made === null ? {} : { signingKey: made }) },
        [
          `Added ${added.name}: ${added.target.kind}, ${added.place}.`,
          ...(made === null ? [] : [`Signing key, shown this once: ${made}`]),
          `Try it: howdah notify test "${added.name}"`,
        ].join('\n'),
      );
    });

  notify.command('list').action(async () => {
    const session = await tools.open();
    const channels = await session.client.messages.channels();
    const rows = channels.map((one) => [
      one.name,
      one.target.kind,
      one.enabled ? 'on' : 'off',
      lastOf(one),
      one.events.join(','),
      one.place,
    ]);
    output.result(
      { channels },
      channels.length === 0
        ? 'No channels yet. Add one: howdah notify add NAME --email you@example.org --smtp smtp.example.org:587'
        : table(['NAME', 'KIND', 'STATE', 'LAST', 'EVENTS', 'PLACE'], rows),
    );
  });

  notify.command('remove <name>').action(async (name: string) => {
    const session = await tools.open();
    const found = await channelOf(session, name);
    output.result(await session.client.messages.removeChannel({ id: found.id }), `Removed ${found.name}.`);
  });

  notify
    .command('test <name>')
    .description('send a test message now and wait for the answer')
    .action(async (name: string) => {
      const session = await tools.open();
      const found = await channelOf(session, name);
      const delivery = await session.client.messages.test({ id: found.id });
      output.result({ delivery }, `Sent to ${found.name} (${found.place}).${delivery.error === null ? '' : ` ${delivery.error.message}`}`);
    });

  notify
    .command('deliveries')
    .description('what was sent, and what was not; newest first')
    .option('--channel <name>')
    .option('--limit <n>', 'at most so many', '50')
    .action(async (options: { channel?: string; limit: string }) => {
      const session = await tools.open();
      const channelId = options.channel === undefined ? undefined : (await channelOf(session, options.channel)).id;
      const limit = parseNumber(options.limit, '--limit');
      const deliveries = await session.client.messages.deliveries({ limit, ...(channelId === undefined ? {} : { channelId }) });
      const rows = deliveries.map((one) => [
        one.createdAt,
        one.state,
        String(one.tries),
        one.channel,
        one.subject + (one.error === null ? '' : ` | ${one.error.message}`),
      ]);
      output.result(
        { deliveries },
        deliveries.length === 0 ? 'Nothing was sent yet.' : table(['WHEN', 'STATE', 'TRIES', 'CHANNEL', 'SUBJECT'], rows),
      );
    });
}

const lastOf = (channel: Channel): string => channel.lastDelivery?.state ?? '-';

const bad = (message: string, hint = 'See howdah notify add --help.'): HowdahError => new HowdahError('BAD_INPUT', message, { hint });

/** Exactly one kind. Errors: BAD_INPUT. */
function targetOf(options: AddOptions): unknown {
  const { slack, teams, discord, webhook, ping, desktop, telegram, email } = options;
  const kinds = [
    ...(email === undefined ? [] : [mailOf(email, options)]),
    ...(telegram === undefined ? [] : [{ kind: 'telegram', chatId: telegram }]),
    ...(ping ? [{ kind: 'ping', withStart: options.start }] : []),
    ...Object.entries({ slack, teams, discord, webhook, desktop }).flatMap(([kind, on]) => (on ? [{ kind }] : [])),
  ];
  if (kinds.length !== 1)
    throw bad(
      'Say where messages go, with exactly one of --email, --slack, --teams, --discord, --telegram, --webhook, --ping and --desktop.',
    );
  return kinds[0];
}

function mailOf(to: string[], options: AddOptions): unknown {
  if ([options.tls, options.starttls, options.plain].filter(Boolean).length > 1)
    throw bad('--tls, --starttls and --plain exclude each other.');
  if (options.smtp === undefined) throw bad('--email needs --smtp HOST:PORT, the mail server.');
  const [, bracketed, host, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(options.smtp) ?? [];
  const server = bracketed ?? host;
  if (server === undefined) throw bad(`"${options.smtp}" is not HOST:PORT.`);
  const security = options.tls ? 'tls' : options.plain ? 'none' : 'starttls';
  const user = options.user ?? '';
  return {
    kind: 'email',
    host: server,
    port: port === undefined ? (security === 'tls' ? 465 : 587) : Number(port),
    security,
    caFile: options.ca === undefined ? '' : resolve(options.ca),
    user,
    from: options.from ?? (user.includes('@') ? user : `${userInfo().username}@${hostname()}`),
    to: to.flatMap((list) => list.split(',').map((one) => one.trim())),
  };
}

function eventsOf(list: string): string[] {
  return list === 'all' ? [...messageEvents] : list.split(',').map((one) => one.trim());
}

/** `made`: a signing key that was made here, to be shown once. */
async function secretOf(shell: Shell, target: ChannelKind, options: AddOptions): Promise<{ secret: ChannelSecret; made: string | null }> {
  if (target.kind === 'email')
    return {
      secret: target.user === '' ? {} : { password: await readSecret(shell, 'HOWDAH_SMTP_PASSWORD', `password of ${target.user}`) },
      made: null,
    };
  if (target.kind === 'telegram') {
    const token = await readSecret(shell, 'HOWDAH_TELEGRAM_TOKEN', "the bot's token");
    return { secret: { token, ...(options.apiBase === undefined ? {} : { apiBase: goodUrl(options.apiBase) }) }, made: null };
  }
  if (!isUrlKind(target.kind)) return { secret: {}, made: null };
  const url = goodUrl(
    options.url ??
      (options.urlFile === undefined ? await readSecret(shell, 'HOWDAH_WEBHOOK_URL', 'the address') : firstLine(fileText(options.urlFile))),
  );
  if (target.kind !== 'webhook') return { secret: { url }, made: null };
  const key = shell.env['HOWDAH_SIGNING_KEY'];
  if (key !== undefined && key !== '') return { secret: { url, signingKey: key }, made: null };
  const made = randomBytes(32).toString('base64url');
  return { secret: { url, signingKey: made }, made };
}

/** Errors: BAD_INPUT, which does not repeat what may be secret. */
function goodUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw bad('The address is not one that begins with https:// or http://.', 'Copy it whole from the service that made it.');
  return text;
}

function fileText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new HowdahError('FILE_NOT_READABLE', `${file} cannot be read.`, {
      hint: 'Name a file whose first line is the address.',
      detail: thrown instanceof Error ? thrown.message : String(thrown),
      cause: thrown,
    });
  }
}

async function scheduleIdsOf(session: Session, names: string[]): Promise<string[]> {
  const schedules = await session.client.schedules.list();
  return names.map((name) => {
    const found = schedules.find((one) => one.name.toLowerCase() === name.toLowerCase()) ?? schedules.find((one) => one.id === name);
    if (found === undefined) throw new HowdahError('NOT_FOUND', `There is no schedule "${name}".`, { hint: 'See "howdah schedule list".' });
    return found.id;
  });
}

/** By name or id. Errors: NOT_FOUND. */
async function channelOf(session: Session, nameOrId: string): Promise<Channel> {
  const channels = await session.client.messages.channels();
  const found = channels.find((one) => one.name.toLowerCase() === nameOrId.toLowerCase()) ?? channels.find((one) => one.id === nameOrId);
  if (found !== undefined) return found;
  throw new HowdahError('NOT_FOUND', `There is no channel "${nameOrId}".`, {
    hint: channels.length === 0 ? 'Add one: howdah notify add NAME --help' : `There are: ${channels.map((one) => one.name).join(', ')}.`,
  });
}
