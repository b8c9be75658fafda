// What a script has set so far, as far as it changes what the following statements mean.
import type { TableName } from '../../../shared/contract/common.ts';
import { schemaChosen, settingOf } from './sql-statements.ts';

export class ScriptSettings {
  /** Where unqualified names are found: the first schema of the search path, `public` at first. */
  schema = 'public';
  /** The client_encoding in force. */
  encoding: string;
  /** Off: a backslash in '…' escapes. */
  standardStrings = true;

  constructor(encoding = 'UTF8') {
    this.encoding = encoding;
  }

  /** Follows a SET, RESET or set_config(); other statements change nothing. Says whether the schema is another. */
  obey(text: string): boolean {
    if (!/^[sdr]/i.test(text)) return false;
    this.encoding = settingOf(text, 'client_encoding') ?? this.encoding;
    const standard = settingOf(text, 'standard_conforming_strings');
    if (standard !== null) this.standardStrings = !/^(off|false|f|no|n|0)$/i.test(standard);
    const schema = schemaChosen(text);
    if (schema === null || schema === 'pg_catalog' || schema === this.schema) return false;
    this.schema = schema;
    return true;
  }

  /** The name with its schema. */
  qualified(name: TableName): TableName {
    return name.schema === '' ? { schema: this.schema, table: name.table } : name;
  }
}
