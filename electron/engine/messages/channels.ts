// Channels: rows of the catalog without secrets, and their secrets in the secret store under the channel's id.
import { readFileSync } from 'node:fs';
import type { Channel, ChannelFields, ChannelKind, ChannelSecret } from '../../../shared/contract/messages.ts';
import { channelFields, channelSecret } from '../../../shared/contract/messages.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';
import { newId } from '../ids.ts';
import type { EnginePorts } from '../ports.ts';
import { isThisMachine } from './send/loopback.ts';

type Row = { id: string; name: string; fields: string; holds: string; place: string; created_at: string };
type Held = Channel['holds'][number];
export type StoredChannel = Omit<Channel, 'lastDelivery'> & { createdAt: string };
export type Channels = ReturnType<typeof createChannels>;

/** Which secrets a kind may have, those that it cannot do without first. */
const secretsOf: Record<ChannelKind['kind'], { needs: Held[]; may: Held[] }> = {
  desktop: { needs: [], may: [] },
  email: { needs: [], may: ['password'] },
  slack: { needs: ['url'], may: [] },
  teams: { needs: ['url'], may: [] },
  discord: { needs: ['url'], may: [] },
  telegram: { needs: ['token'], may: ['apiBase'] },
  webhook: { needs: ['url'], may: ['signingKey'] },
  ping: { needs: ['url'], may: [] },
};

export function createChannels(catalog: Sqlite, ports: EnginePorts) {
  const all = catalog.prepare<[], Row>('select * from channels order by name');
  const byId = catalog.prepare<[string], Row>('select * from channels where id = ?');
  const byName = catalog.prepare<[string], Row>('select * from channels where name = ?');
  const toChannel = (row: Row): StoredChannel => ({
    ...channelFields.parse({ ...(JSON.parse(row.fields) as object), name: row.name }),
    id: row.id,
    holds: JSON.parse(row.holds) as Held[],
    place: row.place,
    createdAt: row.created_at,
  });
  const get = (id: string): StoredChannel => {
    const row = byId.get(id);
    if (row === undefined) throw new HowdahError('NOT_FOUND', `There is no channel ${id}.`, { hint: 'See the list of channels.' });
    return toChannel(row);
  };
  const unreadable = new Set<string>();
  /** A row that a newer version wrote, or somebody by hand, keeps no other channel from being told. */
  const readable = (row: Row): StoredChannel[] => {
    try {
      return [toChannel(row)];
    } catch (thrown) {
      if (!unreadable.has(row.id)) ports.log.error(`the channel "${row.name}" cannot be read; nothing is sent through it`, thrown);
      unreadable.add(row.id);
      return [];
    }
  };
  const secret = async (id: string): Promise<ChannelSecret> => {
    const kept = await ports.secrets.get(id);
    if (kept === null) return {};
    const parsed = channelSecret.safeParse(parsedJson(kept));
    if (parsed.success) return parsed.data;
    // No cause: what a parser says of it quotes it.
    throw new HowdahError('SECRET_STORE_FAILED', 'What the secret store holds for this channel is damaged.', {
      hint: 'Edit the channel and give its address or password again.',
    });
  };
  const requireFreeName = (name: string, ownId: string | null): void => {
    const other = byName.get(name);
    if (other !== undefined && other.id !== ownId)
      throw new HowdahError('ALREADY_EXISTS', `There is already a channel named "${other.name}".`, {
        hint: 'Choose another name, or edit that channel.',
      });
  };
  /** Keeps it where there is anything to keep. */
  const keep = async (id: string, kept: ChannelSecret): Promise<Held[]> => {
    const holds = Object.keys(kept) as Held[];
    if (holds.length === 0) await ports.secrets.remove(id);
    else await ports.secrets.set(id, JSON.stringify(kept));
    return holds;
  };

  return {
    list: (): StoredChannel[] => all.all().flatMap(readable),
    find: (id: string): StoredChannel | null => {
      const row = byId.get(id);
      return row === undefined ? null : (readable(row)[0] ?? null);
    },
    get,
    /** To be used and forgotten: never to be kept, logged or sent on. */
    secret,
    async add(fields: ChannelFields, given: ChannelSecret): Promise<StoredChannel> {
      requireFreeName(fields.name, null);
      const kept = fitting(fields.target, given);
      requireUsable(fields.target, kept);
      const id = newId('cha');
      const holds = Object.keys(kept).length === 0 ? [] : await keep(id, kept);
      try {
        catalog
          .prepare('insert into channels (id, name, fields, holds, place, created_at) values (?, ?, ?, ?, ?, ?)')
          .run(
            id,
            fields.name,
            JSON.stringify(fields),
            JSON.stringify(holds),
            placeOf(fields.target, kept),
            new Date(ports.clock()).toISOString(),
          );
      } catch (thrown) {
        if (holds.length > 0) await ports.secrets.remove(id);
        throw thrown;
      }
      return get(id);
    },
    /** Secrets that are left out stay, unless they would now go to another place. */
    async update(id: string, fields: ChannelFields, given: ChannelSecret): Promise<StoredChannel> {
      const before = get(id);
      requireFreeName(fields.name, id);
      const known = samePlace(before.target, fields.target) && given.apiBase === undefined ? await secret(id) : {};
      const kept = fitting(fields.target, { ...known, ...given });
      requireUsable(fields.target, kept);
      const holds = before.holds.length === 0 && Object.keys(kept).length === 0 ? [] : await keep(id, kept);
      catalog
        .prepare('update channels set name = ?, fields = ?, holds = ?, place = ? where id = ?')
        .run(fields.name, JSON.stringify(fields), JSON.stringify(holds), placeOf(fields.target, kept), id);
      return get(id);
    },
    async remove(id: string): Promise<void> {
      if (get(id).holds.length > 0) await ports.secrets.remove(id);
      catalog.prepare('delete from channels where id = ?').run(id);
    },
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Whether what is on file may still be sent there: a password is for the server it was given for. */
function samePlace(before: ChannelKind, after: ChannelKind): boolean {
  if (before.kind === 'email' && after.kind === 'email') return before.host === after.host && before.port === after.port;
  return before.kind === after.kind;
}

/** Only what the kind has a use for; an empty text takes a secret away. */
function fitting(target: ChannelKind, given: ChannelSecret): ChannelSecret {
  const { needs, may } = secretsOf[target.kind];
  const kept: ChannelSecret = {};
  for (const name of [...needs, ...may]) {
    const value = given[name];
    if (value !== undefined && value !== '') kept[name] = value;
  }
  if (target.kind === 'email' && target.user === '') delete kept.password;
  return kept;
}

/** Errors: BAD_INPUT. */
function requireUsable(target: ChannelKind, kept: ChannelSecret): void {
  const missing = secretsOf[target.kind].needs.filter((name) => kept[name] === undefined);
  if (missing.length > 0) {
    throw new HowdahError('BAD_INPUT', `A ${target.kind} channel needs its ${missing.join(' and ')}.`, {
      hint: missing.includes('token')
        ? 'Give the token that @BotFather gave for the bot.'
        : 'Give the address that the service showed for it.',
    });
  }
  if (target.kind === 'email') requireUsableMail(target, kept);
  // These services speak TLS only; an address without it would show its secret to the network.
  const url = target.kind === 'telegram' ? kept.apiBase : kept.url;
  const plainAllowed = target.kind === 'webhook' || target.kind === 'ping';
  if (url !== undefined && !plainAllowed && new URL(url).protocol !== 'https:' && !isThisMachine(new URL(url).hostname))
    throw new HowdahError('BAD_INPUT', `The address of a ${target.kind} channel begins with https://.`, {
      hint: 'The address is itself a secret; without TLS everybody on the way could read it.',
    });
}

function requireUsableMail(target: Extract<ChannelKind, { kind: 'email' }>, kept: ChannelSecret): void {
  if (target.user !== '' && kept.password === undefined)
    throw new HowdahError('BAD_INPUT', 'There is a user for the mail server, but no password.', {
      hint: 'Give the password (anew for another server), or leave the user empty where the server wants none.',
    });
  if (target.security === 'none' && !isThisMachine(target.host))
    throw new HowdahError('BAD_INPUT', `Mail to ${target.host} would go over the network unencrypted.`, {
      hint: 'Use STARTTLS or TLS. Without encryption only a mail server on this machine (localhost) can be used.',
    });
  if (target.security === 'none' && target.user !== '')
    throw new HowdahError('BAD_INPUT', 'A password is never sent without encryption.', {
      hint: 'Use STARTTLS or TLS, or leave user and password empty.',
    });
  if (target.caFile !== '') readAuthority(target.caFile);
}

/** The certificate of a private authority. Errors: BAD_INPUT. */
export function readAuthority(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new HowdahError('BAD_INPUT', `The authority's certificate ${file} cannot be read.`, {
      hint: 'Name a PEM file that this user can read.',
      detail: thrown instanceof Error ? thrown.message : String(thrown),
      cause: thrown,
    });
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new HowdahError('BAD_INPUT', `${file} holds no certificate in PEM form.`, {
      hint: 'A PEM file begins with -----BEGIN CERTIFICATE-----.',
    });
  return text;
}

/** Where it goes, for people: the host and nothing of the path, which is the secret. */
function placeOf(target: ChannelKind, kept: ChannelSecret): string {
  const host = (url: string | undefined): string => (url === undefined ? '' : `${new URL(url).host}/…`);
  switch (target.kind) {
    case 'desktop':
      return 'this machine';
    case 'email':
      return `${target.host}, to ${target.to.join(', ')}`;
    case 'telegram':
      return `${kept.apiBase === undefined ? 'api.telegram.org/…' : host(kept.apiBase)}, chat ${target.chatId}`;
    case 'slack':
    case 'teams':
    case 'discord':
    case 'webhook':
    case 'ping':
      return host(kept.url);
  }
}
