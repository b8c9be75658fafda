// Tells SQL text from other text. A wrong yes would offer a restore of somebody's notes; a wrong no would keep
// a DBA from a hand-written script, so a script needs only one statement that looks like SQL.

type Verdict = { message: string; hint: string };

const chooseAnother = 'Choose a file that pg_dump or pg_dumpall wrote, or a script of SQL statements.';
const statement =
  /^(SET|CREATE|ALTER|DROP|INSERT\s+INTO|COPY|BEGIN|START\s+TRANSACTION|SELECT|COMMENT\s+ON|GRANT|REVOKE|TRUNCATE|DELETE\s+FROM|UPDATE|WITH|DO|RESET|LOCK|CALL|SECURITY\s+LABEL|REFRESH|REINDEX|ANALYZE|VACUUM|COMMIT)\b/i;
const metaCommand = /^\\(c|connect|restrict|set|echo|i|ir|encoding|pset|o|timing|copy|if|!|\?|q|unset|prompt)\b|^\\!/;

/** Null: it reads like SQL for PostgreSQL. */
export function judgeText(head: Buffer): Verdict | null {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    return {
      message: 'The file is UTF-16 text, which PostgreSQL cannot read.',
      hint: 'PowerShell writes such files for "pg_dump > file". Dump again with pg_dump --file, or convert the file to UTF-8.',
    };
  }
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  if (/^(?:\s*--[^\n]*\n)*\s*-- PostgreSQL database (cluster )?dump\r?\n/.test(text)) return null;
  if (hasControlBytes(head)) return { message: 'The file is neither a PostgreSQL archive nor SQL text.', hint: chooseAnother };
  if (/^-- (MySQL|MariaDB|phpMyAdmin)/im.test(text.slice(0, 4096)) || /^\/\*!40\d{3}/m.test(text.slice(0, 65536))) {
    return { message: 'The file is a dump of MySQL or MariaDB, not of PostgreSQL.', hint: 'Migrate it with a tool such as pgloader.' };
  }
  if (/^\s*PRAGMA\s+foreign_keys\s*=/i.test(text)) {
    return { message: 'The file is a dump of SQLite, not of PostgreSQL.', hint: 'Migrate it with a tool such as pgloader.' };
  }
  const body = withoutComments(text);
  if (body === '' && head.length < 256 * 1024) return { message: 'The file holds no SQL statement.', hint: chooseAnother };
  if (metaCommand.test(body)) return null;
  if (statement.test(body) && (body.includes(';') || head.length >= 256 * 1024)) return null;
  return { message: 'The file is text, but does not read like SQL.', hint: chooseAnother };
}

function hasControlBytes(head: Buffer): boolean {
  return head.some((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 8 && byte !== 11);
}

/** Drops leading space and comments, in one pass over each. */
function withoutComments(text: string): string {
  let at = 0;
  for (;;) {
    while (at < text.length && text.charCodeAt(at) <= 32) at++;
    if (text.startsWith('--', at)) {
      const end = text.indexOf('\n', at);
      if (end === -1) return '';
      at = end + 1;
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at);
      if (end === -1) return '';
      at = end + 2;
    } else return text.slice(at);
  }
}
