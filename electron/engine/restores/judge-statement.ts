// What a statement of a plain dump may do to the database it is loaded into, and what is left out or refused.
// By its first words only: the server parses, we only decide whether it gets to see the statement.
import { reachOf, settingOf, withoutComments } from '../dumps/sql-statements.ts';

export type Verdict =
  | { kind: 'run' }
  /** `DROP …` and the like: nothing is wrong where there is nothing to drop. */
  | { kind: 'drop' }
  | { kind: 'transaction' }
  | { kind: 'encoding'; encoding: string }
  | { kind: 'parameter'; name: string }
  /** The planner's statistics (`pg_dump --statistics`): servers before 18 take none. */
  | { kind: 'statistics' }
  /** `why`: for the warnings; null where leaving it out was asked for. */
  | { kind: 'leaveOut'; why: string | null }
  | { kind: 'refuse'; why: string };

const headLength = 4000;

const wholeServer =
  /^((CREATE|ALTER|DROP) (ROLE|USER(?! MAPPING)|GROUP|TABLESPACE)|ALTER SYSTEM|(DROP|REASSIGN) OWNED|(COMMENT|SECURITY LABEL\b.*) ON (ROLE|TABLESPACE)|(GRANT|REVOKE) [A-Z, ]+ ON (TABLESPACE|PARAMETER))\b/i;
const membership = /^(GRANT|REVOKE) (?!.* ON )/i;
const transactionControl =
  /^(BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK|ABORT)( (WORK|TRANSACTION))?( ISOLATION .*| READ .*| AND NO CHAIN)? ?;?$/i;
const ownership =
  /^(ALTER .* OWNER TO |GRANT |REVOKE |SET (LOCAL |SESSION )?(SESSION AUTHORIZATION|ROLE)\b|RESET (SESSION AUTHORIZATION|ROLE)\b|ALTER DEFAULT PRIVILEGES)/i;

/** Judges one statement. `noOwner`: ownership and grants were asked to be left out. */
export function judgeStatement(text: string, noOwner: boolean): Verdict {
  const head = withoutComments(text.slice(0, headLength)).replaceAll(/\s+/g, ' ').trim();
  if (head === '' || head === ';') return { kind: 'leaveOut', why: null };
  const reach = reachOf(/^COPY\b/i.test(head) ? withoutComments(text.slice(0, 1_048_576)).trim() : head);
  if (reach.kind === 'serverFile') return { kind: 'refuse', why: `it would run ${reach.what}` };
  if (reach.kind !== 'ordinary') return { kind: 'leaveOut', why: 'it is about a database, not about what is in it' };
  if (wholeServer.test(head) || membership.test(head)) return { kind: 'leaveOut', why: 'it reaches beyond the database' };
  if (transactionControl.test(head)) return { kind: 'transaction' };
  const encoding = settingOf(text, 'client_encoding');
  if (encoding !== null && !/^SELECT\b/i.test(head)) return { kind: 'encoding', encoding };
  if (noOwner && ownership.test(head)) return { kind: 'leaveOut', why: null };
  // Every database has it; only its owner, the superuser of initdb, may comment on it (dumps of version 10 and older).
  if (/^(CREATE EXTENSION IF NOT EXISTS|COMMENT ON EXTENSION) plpgsql\b/i.test(head)) return { kind: 'leaveOut', why: null };
  const parameter = /^SET (?:SESSION |LOCAL )?([a-z_]+)(?: TO | ?=)/i.exec(head)?.[1];
  if (parameter !== undefined) return { kind: 'parameter', name: parameter.toLowerCase() };
  if (/^SELECT \* FROM pg_catalog\.pg_restore_(relation|attribute)_stats\(/i.test(head)) return { kind: 'statistics' };
  const bare = head.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, '""');
  if (/^(DROP |ALTER .* (DROP|DETACH PARTITION) |SELECT (pg_catalog\.)?lo_unlink\()/i.test(bare)) return { kind: 'drop' };
  return { kind: 'run' };
}
