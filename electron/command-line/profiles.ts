import type { Command } from 'commander';
import { environments, profileFields, sslModes, type Profile } from '../../shared/contract/profiles.ts';
import { HowdahError } from '../../shared/errors.ts';
import { formatBytes } from '../../shared/format.ts';
import { parseConnectionString } from '../engine/postgres/connection-url.ts';
import { requireYes, table } from './output.ts';
import { collect, type CommandTools } from './tools.ts';
import { parseNumber } from './numbers.ts';
import { readPassword } from './secret-input.ts';

type AddOptions = {
  url?: string;
  host?: string;
  port?: string;
  user?: string;
  database?: string;
  passwordStdin?: boolean;
  sslmode?: string;
  sslrootcert?: string;
  sslcert?: string;
  sslkey?: string;
  service?: string;
  environment?: string;
  colour?: string;
  clientDirectory?: string;
  backupDirectory?: string;
  quickExclude?: string[];
};

export function addProfileCommands(program: Command, tools: CommandTools): void {
  const { output } = tools;
  const profile = program.command('profile').description('connection profiles');

  profile
    .command('add <name>')
    .description('add a connection profile')
    .option('--url <url>', 'postgresql://user@host:port/database, or a key=value connection string')
    .option('--host <host>', 'host name, address, or folder of a Unix socket')
    .option('--port <port>')
    .option('--user <user>')
    .option('--database <database>')
    .option('--password-stdin', 'read the password from standard input')
    .option('--sslmode <mode>', sslModes.join(', '))
    .option('--sslrootcert <file>')
    .option('--sslcert <file>')
    .option('--sslkey <file>')
    .option('--service <name>', 'a service of pg_service.conf')
    .option('--environment <label>', environments.join(', '))
    .option('--colour <#rrggbb>')
    .option('--client-directory <folder>', 'folder of pg_dump and pg_restore')
    .option('--backup-directory <folder>', "folder for this profile's backups")
    .option('--quick-exclude <pattern>', 'tables whose rows a quick backup leaves out (repeatable)', collect)
    .action(async (name: string, options: AddOptions) => {
      const fromUrl = options.url === undefined ? null : parseConnectionString(options.url);
      const password = options.passwordStdin ? await readPassword(tools.shell) : (fromUrl?.password ?? null);
      const chosen = {
        name,
        ...fromUrl?.profile,
        ...given('host', options.host),
        ...given('port', options.port === undefined ? undefined : parseNumber(options.port, '--port')),
        ...given('user', options.user),
        ...given('database', options.database),
        ...given('sslMode', options.sslmode),
        ...given('sslRootCert', options.sslrootcert),
        ...given('sslCert', options.sslcert),
        ...given('sslKey', options.sslkey),
        ...given('service', options.service),
        ...given('environment', options.environment),
        ...given('colour', options.colour),
        ...given('clientDirectory', options.clientDirectory),
        ...given('backupDirectory', options.backupDirectory),
        ...given('quickExcludePatterns', options.quickExclude),
      };
      const fields = profileFields.safeParse(chosen);
      if (!fields.success) {
        const why = fields.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
        throw new HowdahError('BAD_INPUT', `The profile is not valid: ${why}.`, { hint: 'Correct the named fields and try again.' });
      }
      const session = await tools.open();
      const added = await session.client.profiles.create({ profile: fields.data, ...(password === null ? {} : { password }) });
      if (options.url !== undefined && typeof fromUrl?.password === 'string')
        output.note(
          'note: a password on the command line can be seen in the process list and the shell history; --password-stdin avoids that',
        );
      output.result({ profile: added }, `Added ${added.name}.`);
    });

  profile.command('list').action(async () => {
    const session = await tools.open();
    const profiles = await session.client.profiles.list();
    const rows = profiles.map((one) => [one.name, one.environment, where(one), one.database || '(default)']);
    output.result(
      { profiles },
      profiles.length === 0
        ? 'No profiles yet. Add one: howdah profile add NAME --url postgresql://…'
        : table(['NAME', 'ENVIRONMENT', 'SERVER', 'DATABASE'], rows),
    );
  });

  profile.command('show <name>').action(async (name: string) => {
    const session = await tools.open();
    const found = await session.profile(name);
    const lines = Object.entries(found).map(([key, value]) => `${key}: ${Array.isArray(value) ? value.join(', ') : String(value ?? '')}`);
    output.result({ profile: found }, lines.join('\n'));
  });

  profile
    .command('test <name>')
    .description('connect and show version, size, rights, latency and client tools')
    .action(async (name: string) => {
      const session = await tools.open();
      const found = await session.profile(name);
      const test = await session.client.profiles.test({ id: found.id });
      const lines = [
        `PostgreSQL ${test.serverVersion}, database ${test.database} (${formatBytes(test.databaseSizeBytes)}), ${test.latencyMs} ms, ${test.encrypted ? 'encrypted' : 'not encrypted'}`,
        `as ${test.user}: ${
          Object.entries(test.rights)
            .filter(([, value]) => value === true)
            .map(([key]) => key)
            .join(', ') || 'no special rights'
        }`,
        ...(test.rights.unreadableTables.length === 0
          ? []
          : [`cannot read: ${test.rights.unreadableTables.map((one) => `${one.schema}.${one.table}`).join(', ')}`]),
        test.client === null
          ? `client tools: ${test.clientProblem ?? 'none'}`
          : `client tools: ${test.client.version} in ${test.client.directory}`,
      ];
      output.result({ test }, lines.join('\n'));
    });

  profile
    .command('remove <name>')
    .option('--yes', 'do it')
    .action(async (name: string, options: { yes?: boolean }) => {
      const session = await tools.open();
      const found = await session.profile(name);
      if (found.environment === 'production') requireYes(options.yes, `remove the production profile "${found.name}"`);
      output.result(await session.client.profiles.remove({ id: found.id }), `Removed ${found.name}. Its backups stay.`);
    });
}

const where = (profile: Profile): string =>
  profile.service !== '' ? `service ${profile.service}` : `${profile.host || '(default)'}:${profile.port ?? 5432}`;

const given = (key: string, value: unknown): Record<string, unknown> => (value === undefined ? {} : { [key]: value });
