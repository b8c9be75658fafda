// Connection profiles: rows of the catalog without passwords, and where each leads.
import type { Profile, ProfileFields } from '../../../shared/contract/profiles.ts';
import { profileFields } from '../../../shared/contract/profiles.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';
import { newId } from '../ids.ts';
import type { EnginePorts } from '../ports.ts';
import { resolveTarget, type Target } from '../postgres/target.ts';

type Row = { id: string; name: string; fields: string; has_password: number; created_at: string; updated_at: string };

export type Profiles = ReturnType<typeof createProfiles>;

export function createProfiles(catalog: Sqlite, ports: EnginePorts) {
  const now = (): string => new Date(ports.clock()).toISOString();
  const byId = catalog.prepare<[string], Row>('select * from profiles where id = ?');
  const byName = catalog.prepare<[string], Row>('select * from profiles where name = ?');
  const toProfile = (row: Row): Profile => ({
    ...profileFields.parse({ ...(JSON.parse(row.fields) as object), name: row.name }),
    id: row.id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    hasPassword: row.has_password === 1,
  });
  const get = (id: string): Profile => {
    const row = byId.get(id);
    if (row === undefined) throw new HowdahError('NOT_FOUND', `There is no profile ${id}.`, { hint: 'See the list of profiles.' });
    return toProfile(row);
  };
  const requireFreeName = (name: string, ownId: string | null): void => {
    const other = byName.get(name);
    if (other !== undefined && other.id !== ownId) {
      throw new HowdahError('ALREADY_EXISTS', `There is already a profile named "${other.name}".`, {
        hint: 'Choose another name, or edit that profile.',
      });
    }
  };

  /** Null forgets, undefined leaves as it is. Says whether a password is kept afterwards. */
  const keepPassword = async (id: string, password: string | null | undefined, before: boolean): Promise<boolean> => {
    if (password === undefined) return before;
    if (password === null || password === '') {
      await ports.secrets.remove(id);
      return false;
    }
    await ports.secrets.set(id, password);
    return true;
  };

  const list = (): Profile[] => catalog.prepare<[], Row>('select * from profiles order by name').all().map(toProfile);

  /** Without it the server would speak of a password that nobody gave. */
  const keptPassword = async (profile: Profile): Promise<string | null> => {
    if (!profile.hasPassword) return null;
    const password = await ports.secrets.get(profile.id);
    if (password !== null) return password;
    throw new HowdahError('SECRET_STORE_FAILED', `The password of the profile "${profile.name}" is not where Howdah looks for it.`, {
      hint: 'Enter it again. Where other programs of your session find it, start this one within the session as well: outside it there is no keychain.',
      detail: `looked for in: ${ports.secrets.kind}`,
    });
  };

  return {
    list,
    get,
    /** Client programs that any profile names: for work that no profile is about. */
    clientFolders: (): { also: string[] } => ({ also: list().map((profile) => profile.clientDirectory) }),
    /** By name (any case) or id; null where there is none. */
    find: (nameOrId: string): Profile | null => {
      const row = byName.get(nameOrId) ?? byId.get(nameOrId);
      return row === undefined ? null : toProfile(row);
    },
    async create(fields: ProfileFields, password: string | null | undefined): Promise<Profile> {
      requireFreeName(fields.name, null);
      const id = newId('pro');
      const hasPassword = await keepPassword(id, password, false);
      try {
        catalog
          .prepare('insert into profiles (id, name, fields, has_password, created_at, updated_at) values (?, ?, ?, ?, ?, ?)')
          .run(id, fields.name, JSON.stringify(fields), hasPassword ? 1 : 0, now(), now());
      } catch (thrown) {
        if (hasPassword) await ports.secrets.remove(id);
        throw thrown;
      }
      return get(id);
    },
    async update(id: string, fields: ProfileFields, password: string | null | undefined): Promise<Profile> {
      const before = get(id);
      requireFreeName(fields.name, id);
      const hasPassword = await keepPassword(id, password, before.hasPassword);
      catalog
        .prepare('update profiles set name = ?, fields = ?, has_password = ?, updated_at = ? where id = ?')
        .run(fields.name, JSON.stringify(fields), hasPassword ? 1 : 0, now(), id);
      return get(id);
    },
    async remove(id: string): Promise<void> {
      const { hasPassword } = get(id);
      const active = catalog
        .prepare<[string], { title: string }>("select title from jobs where profile_id = ? and status in ('queued', 'running')")
        .get(id);
      if (active !== undefined)
        throw new HowdahError('BUSY', `A job still uses this profile: ${active.title}.`, { hint: 'Wait for it, or cancel it first.' });
      const scheduled = catalog
        .prepare<[string], { name: string }>("select name from schedules where json_extract(fields, '$.task.profileId') = ? order by name")
        .all(id);
      if (scheduled.length > 0)
        throw new HowdahError('BUSY', `Schedules still use this profile: ${scheduled.map((one) => `"${one.name}"`).join(', ')}.`, {
          hint: 'Remove those schedules first, or let them use another profile.',
        });
      if (hasPassword) await ports.secrets.remove(id);
      catalog.prepare('delete from profiles where id = ?').run(id);
    },
    keptPassword,
    /** Where the profile leads, with its password: never to be kept, logged or sent on. Errors: SECRET_STORE_FAILED. */
    async target(id: string): Promise<Target> {
      const profile = get(id);
      return resolveTarget(profile, await keptPassword(profile));
    },
  };
}
