// Counts the rows of INSERT statements, which pg_dump --inserts writes in place of COPY.
import { namePattern } from './sql-statements.ts';

const insert = new RegExp(String.raw`^INSERT\s+INTO\s+(${namePattern})`, 'i');

/** The table of an INSERT as written; null for any other statement. */
export function insertedTable(text: string): string | null {
  return insert.exec(text)?.[1] ?? null;
}

/** Rows of `INSERT … VALUES (…), (…)`; null where a query makes them. */
export function countInsertedRows(text: string): number | null {
  if (/^[^']*?\bDEFAULT\s+VALUES\b/i.test(text.slice(0, 1024))) return 1;
  let depth = 0;
  let rows = 0;
  let counting = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 39 || char === 34) at = skipQuoted(text, at, char);
    else if (char === 40) {
      if (depth++ === 0 && counting) rows++;
    } else if (char === 41) depth--;
    else if (
      depth === 0 &&
      !counting &&
      (char | 32) === 118 &&
      /^values\b/i.test(text.slice(at, at + 7)) &&
      /[\s)"]/.test(text.charAt(at - 1))
    ) {
      counting = true;
      at += 5;
    }
  }
  return rows === 0 ? null : rows;
}

function skipQuoted(text: string, at: number, quote: number): number {
  const escapes = quote === 39 && (text.charCodeAt(at - 1) | 32) === 101 && !/[\w$]/.test(text.charAt(at - 2));
  if (!escapes) {
    const end = text.indexOf(String.fromCharCode(quote), at + 1);
    return end === -1 ? text.length : end;
  }
  for (let i = at + 1; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 92) i++;
    else if (char === 39) return i;
  }
  return text.length;
}
