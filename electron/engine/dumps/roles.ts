// Roles that SQL names as owners or in grants: they must exist at the target, or the restore must leave them out.
import { nameParts } from './sql-statements.ts';

const role = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`;
const roleList = String.raw`((?:GROUP\s+)?${role}(?:\s*,\s*(?:GROUP\s+)?${role})*)`;
const owner = new RegExp(String.raw`\bOWNER\s+TO\s+${roleList}`, 'gi');
const granted = new RegExp(String.raw`^\s*GRANT\b[\s\S]*?\bTO\s+${roleList}\s*(?:WITH\b[^;]*|GRANTED\s+BY\b[^;]*)?;`, 'gim');
const revoked = new RegExp(String.raw`^\s*REVOKE\b[\s\S]*?\bFROM\s+${roleList}\s*(?:CASCADE|RESTRICT|GRANTED\s+BY\b[^;]*)?;`, 'gim');
const defaults = new RegExp(String.raw`\bALTER\s+DEFAULT\s+PRIVILEGES\s+FOR\s+(?:ROLE|USER)\s+${roleList}`, 'gi');
const defaultGrants = new RegExp(
  String.raw`\bALTER\s+DEFAULT\s+PRIVILEGES\b[\s\S]*?\b(?:GRANT\b[\s\S]*?\bTO|REVOKE\b[\s\S]*?\bFROM)\s+${roleList}`,
  'gi',
);
const notRoles = new Set(['public', 'current_user', 'session_user', 'current_role', 'none']);

/** Adds the roles that the statements of a definition name; they are all of pg_dump's plain making. */
export function addRoles(sql: string, roles: Set<string>): void {
  for (const pattern of [owner, granted, revoked, defaults, defaultGrants]) {
    for (const match of sql.matchAll(pattern)) {
      for (const name of (match[1] ?? '').matchAll(/"(?:[^"]|"")+"|[^\s,"]+/g)) addRole(name[0], roles);
    }
  }
}

function addRole(written: string, roles: Set<string>): void {
  if (/^group$/i.test(written)) return;
  const name = nameParts(written)[0] ?? '';
  if (name !== '' && (written.startsWith('"') || !notRoles.has(name))) roles.add(name);
}
