// Text for spreadsheets: RFC 4180, and nothing in it that a spreadsheet would run.

export type CsvColumn<T> = [name: string, value: (row: T) => string | number];

/** A header and a line a row, each ended by CR LF. */
export function csvText<T>(columns: CsvColumn<T>[], rows: Iterable<T>): string {
  const lines = [columns.map(([name]) => name).join(',')];
  for (const row of rows) lines.push(columns.map(([, value]) => csvField(value(row))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

/** A field of RFC 4180. Text that a spreadsheet would run as a formula gets an apostrophe before it
 * (https://owasp.org/www-community/attacks/CSV_Injection). */
export function csvField(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
