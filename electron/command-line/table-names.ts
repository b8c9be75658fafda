import type { TableName } from '../../shared/contract/common.ts';
import { HowdahError } from '../../shared/errors.ts';

type Named = { schema: string | null; table: string };

/** `a,public.b,"odd.schema"."odd,name"` → names. A quote is doubled inside quotes. Case is kept as written.
 * Errors: BAD_INPUT. */
export function parseTableList(text: string): Named[] {
  const names: Named[] = [];
  const part = /\s*(?:"((?:[^"]|"")+)"|([^",.\s][^",.]*))\s*/y;
  let at = 0;
  while (at < text.length) {
    const words: string[] = [];
    let separator: string | undefined;
    do {
      part.lastIndex = at;
      const match = part.exec(text);
      if (match === null) throw bad(text);
      words.push(match[1]?.replaceAll('""', '"') ?? match[2]?.trim() ?? '');
      at = part.lastIndex;
      separator = text[at];
      at += 1;
    } while (separator === '.');
    if ((separator !== undefined && separator !== ',') || words.length > 2) throw bad(text);
    if (separator === ',' && at >= text.length) throw bad(text);
    names.push({ schema: words.length === 2 ? (words[0] ?? '') : null, table: words.at(-1) ?? '' });
  }
  return names;
}

/** Finds each among what is there; a name without a schema must fit one table only (`public` wins).
 * Errors: TABLE_NOT_IN_DUMP (none fits), BAD_INPUT (several fit). */
export function resolveTables(wanted: Named[], there: TableName[], where: string): TableName[] {
  return wanted.map((name) => {
    const fits = there.filter((table) => table.table === name.table && (name.schema === null || table.schema === name.schema));
    const best = fits.length === 1 ? fits[0] : fits.find((table) => table.schema === 'public');
    if (best !== undefined) return { schema: best.schema, table: best.table };
    const shown = name.schema === null ? name.table : `${name.schema}.${name.table}`;
    if (fits.length > 1)
      throw new HowdahError(
        'BAD_INPUT',
        `"${shown}" stands in several schemas of ${where}: ${fits.map((table) => table.schema).join(', ')}.`,
        { hint: 'Write schema.table.' },
      );
    throw new HowdahError('TABLE_NOT_IN_DUMP', `There is no table "${shown}" in ${where}.`, {
      hint: `There are: ${
        there
          .slice(0, 20)
          .map((table) => `${table.schema}.${table.table}`)
          .join(', ') || 'none'
      }${there.length > 20 ? ' …' : ''}.`,
    });
  });
}

const bad = (text: string): HowdahError =>
  new HowdahError('BAD_INPUT', `"${text}" is not a list of tables.`, {
    hint: 'Write them as table,schema.table,"odd name" with commas between.',
  });
