// What a dump needs of its target: roles, extensions, a version, being whole and harmless.
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { RestoreRequest } from '../../../shared/contract/restores.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { ChosenEntries } from './choose-entries.ts';
import { blockerError } from './load.ts';
import type { Judge } from './plan-rights.ts';
import type { TargetFacts } from './target-facts.ts';

type Needs = {
  dump: Dump;
  facts: TargetFacts;
  request: RestoreRequest;
  chosen: ChosenEntries | null;
  /** The live database is worked in, with the extensions that it has. */
  inPlace: boolean;
};

/** Judges them; gives the lists that the plan shows. */
export function judgeNeeds(
  { dump, facts, request, chosen, inPlace }: Needs,
  { block, warn }: Judge,
): { missingRoles: string[]; missingExtensions: string[] } {
  for (const problem of dump.problems) {
    if (problem.severity === 'blocker') block(blockerError(problem));
    else warn(problem.code, problem.message);
  }
  const dumpMajor = dump.serverVersion === null ? null : Number.parseInt(dump.serverVersion, 10);
  if (dumpMajor !== null && dumpMajor > facts.major && !dump.problems.some((problem) => problem.code === 'NEWER_THAN_TARGET')) {
    warn(
      'DUMP_TOO_NEW',
      `The dump comes from version ${dump.serverVersion}, the target is version ${facts.version}: what the older version does not know will stop the restore, and the target stays as it is.`,
    );
  }

  const missingRoles = request.noOwner
    ? []
    : (chosen?.roles ?? dump.roles).filter((role) => !facts.roles.has(role) && role.toLowerCase() !== 'public' && role !== '');
  if (missingRoles.length > 0) {
    block(
      new HowdahError('ROLES_MISSING', `The dump names roles that the target lacks: ${missingRoles.join(', ')}.`, {
        hint: `Create them (${missingRoles
          .slice(0, 3)
          .map((role) => `CREATE ROLE "${role}"`)
          .join('; ')}), or leave ownership and grants out (--no-owner).`,
      }),
    );
  }
  if (!request.noOwner && !facts.superuser) {
    const owners = new Set(chosen?.owners ?? dump.objects.map((entry) => entry.owner));
    const foreign = [...owners].filter((owner) => owner !== '' && facts.roles.has(owner) && !facts.memberOf.has(owner));
    if (foreign.length > 0) {
      block(
        new HowdahError(
          'PERMISSION_DENIED',
          `The role "${facts.user}" cannot give objects to ${foreign.join(', ')}, who own them in the dump.`,
          {
            hint: 'Restore as a member of these roles or as a superuser, or leave ownership and grants out (--no-owner).',
          },
        ),
      );
    }
  }

  const needed = (chosen?.extensions ?? dump.extensions).filter((name) => name !== 'plpgsql');
  const missingExtensions = needed.filter((name) => !facts.extensions.has(name));
  if (missingExtensions.length > 0) {
    block(
      new HowdahError('EXTENSIONS_MISSING', `The target server cannot provide these extensions: ${missingExtensions.join(', ')}.`, {
        hint: 'Install their packages on the server (postgresql-contrib and the like); nothing else needs to be done.',
      }),
    );
  }
  const forbidden = needed.filter((name) => {
    const extension = facts.extensions.get(name);
    return extension !== undefined && !extension.may && !(inPlace && extension.ready);
  });
  if (forbidden.length > 0) {
    block(
      new HowdahError('PERMISSION_DENIED', `Only a superuser may install these extensions: ${forbidden.join(', ')}.`, {
        hint: 'Restore with a profile of a superuser.',
      }),
    );
  }
  return { missingRoles, missingExtensions };
}
