// Connection strings, pasted whole: URLs (also Heroku's postgres://) and key=value lists.
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
import { profileFields, sslModes, type ProfileFields } from '../../../shared/contract/profiles.ts';
import { HowdahError } from '../../../shared/errors.ts';

export type ParsedConnection = {
  profile: Omit<ProfileFields, 'name'>;
  password: string | null;
  suggestedName: string;
};

/** Errors: BAD_INPUT, which never repeats the string: it may hold a password. */
export function parseConnectionString(text: string): ParsedConnection {
  const trimmed = text.trim().replace(/^(DATABASE_URL=)?["']?(.*?)["']?$/s, '$2');
  const values = /^postgres(ql)?:\/\//i.test(trimmed) ? fromUrl(trimmed) : fromKeywords(trimmed);
  const sslMode = values.get('sslmode');
  if (sslMode !== undefined && !(sslModes as readonly string[]).includes(sslMode))
    throw bad(`sslmode "${sslMode}" is not one of ${sslModes.join(', ')}`);
  const port = values.get('port');
  if (port !== undefined && !/^\d{1,5}$/.test(port)) throw bad('the port is not a number');
  const database = values.get('dbname') ?? '';
  const host = values.get('host') ?? values.get('hostaddr') ?? '';
  const fields = profileFields.safeParse({
    name: 'x',
    host,
    port: port === undefined ? null : Number(port),
    user: values.get('user') ?? '',
    database,
    sslMode: sslMode ?? 'prefer',
    sslRootCert: values.get('sslrootcert') ?? '',
    sslCert: values.get('sslcert') ?? '',
    sslKey: values.get('sslkey') ?? '',
    service: values.get('service') ?? '',
  });
  if (!fields.success) throw bad(fields.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  const { name: _name, ...profile } = fields.data;
  return {
    profile,
    password: values.get('password') ?? null,
    suggestedName: [database, host].filter(Boolean).join(' on ') || 'PostgreSQL',
  };
}

function fromUrl(text: string): Map<string, string> {
  const match =
    /^postgres(?:ql)?:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\[[^\]]+\]|[^:/?#,]*)(?::(\d*))?(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(text);
  if (match === null)
    throw bad(
      'the URL does not read as postgresql://user:password@host:port/database (characters like @ : / in a password must be percent-encoded; several hosts in one URL are not supported)',
    );
  const values = new Map<string, string>();
  const put = (key: string, raw: string | undefined): void => {
    if (raw === undefined || raw === '') return;
    try {
      values.set(key, decodeURIComponent(raw));
    } catch (thrown) {
      throw bad(`the ${key} holds a % that is not part of a percent-encoding`, thrown);
    }
  };
  put('user', match[1]);
  put('password', match[2]);
  put('host', match[3]?.replace(/^\[|\]$/g, ''));
  put('port', match[4]);
  put('dbname', match[5]);
  for (const pair of (match[6] ?? '').split('&').filter(Boolean)) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw bad('a parameter after the ? has no value');
    const key = pair.slice(0, equals);
    if (key === 'ssl' && pair.slice(equals + 1) === 'true') put('sslmode', 'require');
    else put(key, pair.slice(equals + 1));
  }
  return values;
}

function fromKeywords(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const word = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gy;
  let end = 0;
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    values.set(match[1] ?? '', (match[2] ?? match[3] ?? '').replace(/\\(.)/gs, '$1'));
    end = word.lastIndex;
  }
  if (values.size === 0 || text.slice(end).trim() !== '') throw bad('it is neither a postgresql:// URL nor a list like host=… dbname=…');
  return values;
}

function bad(reason: string, cause?: unknown): HowdahError {
  return new HowdahError('BAD_INPUT', `The connection string cannot be read: ${reason}.`, {
    hint: 'Paste the whole URL, or fill in the fields by hand.',
    cause,
  });
}
