// Cuts one SQL statement into tokens, so that definitions can be compared whatever their spaces, comments and
// letter case, and taken apart without being fooled by a name such as `"x NOT NULL, y"`.
import type { TableName } from '../../../shared/contract/common.ts';

export type Token = {
  kind: 'word' | 'name' | 'string' | 'number' | 'symbol';
  /** As it stands there. */
  text: string;
  /** What counts in a comparison: words in lower case, names that need no quotes without them. */
  value: string;
  /** Offsets in the statement. */
  start: number;
  end: number;
};

const pattern = new RegExp(
  [
    String.raw`(?<blank>\s+|--[^\r\n]*)`,
    String.raw`(?<string>[eE]'(?:[^'\\]|\\[\s\S]|'')*'|(?:[uU]&|[bBxXnN])?'(?:[^']|'')*'|(?<dollar>\$(?:[A-Za-z_\u{80}-\u{10ffff}][\w\u{80}-\u{10ffff}]*)?\$)[\s\S]*?\k<dollar>)`,
    String.raw`(?<name>"(?:[^"]|"")*")`,
    String.raw`(?<word>[A-Za-z_\u{80}-\u{10ffff}][\w$\u{80}-\u{10ffff}]*)`,
    String.raw`(?<number>\d[\w.]*|\.\d[\w.]*)`,
    String.raw`(?<symbol>::|:=|[-+*/<>=~!@#%^&|?]+|[\s\S])`,
  ].join('|'),
  'uy',
);

/** Tokens of a statement, comments left out. Text that is no SQL still gives tokens; nothing is thrown. */
export function tokensOf(statement: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < statement.length) {
    const start = pattern.lastIndex;
    if (statement.startsWith('/*', start)) {
      pattern.lastIndex = endOfComment(statement, start);
      continue;
    }
    const found = pattern.exec(statement);
    if (found === null) break;
    let [text] = found;
    const groups = found.groups ?? {};
    if (groups['blank'] !== undefined) continue;
    const kind = (['string', 'name', 'word', 'number'] as const).find((name) => groups[name] !== undefined) ?? 'symbol';
    if (kind === 'symbol') {
      // An operator ends where a comment begins.
      const comment = text.slice(1).search(/--|\/\*/);
      if (comment !== -1) text = text.slice(0, comment + 1);
      // As the server reads it: only an operator with one of these may end in a sign.
      if (/^[-+*/<>=]{2,}$/.test(text)) text = text.replace(/(?<=.)[-+]+$/, '');
      pattern.lastIndex = start + text.length;
    }
    tokens.push({ kind, text, value: valueOf(kind, text), start, end: start + text.length });
  }
  return tokens;
}

function endOfComment(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    if (text.startsWith('/*', at)) {
      depth++;
      at += 2;
    } else if (text.startsWith('*/', at)) {
      depth--;
      at += 2;
    } else at++;
  } while (depth > 0 && at < text.length);
  return at;
}

function valueOf(kind: Token['kind'], text: string): string {
  if (kind === 'word') return text.toLowerCase();
  if (kind !== 'name') return text;
  return /^"[a-z_][a-z0-9_$]*"$/.test(text) ? text.slice(1, -1) : text;
}

/** One text for all ways to write the same tokens. */
export const comparable = (tokens: readonly Token[]): string => tokens.map((token) => token.value).join(' ');

/** The source text that the tokens stand for, from the first to the last. */
export function sourceOf(statement: string, tokens: readonly Token[]): string {
  const [first] = tokens;
  const last = tokens.at(-1);
  return first === undefined || last === undefined ? '' : statement.slice(first.start, last.end);
}

/** Parts between separators that stand in no parentheses or brackets. No tokens give no parts. */
export function splitTopLevel(tokens: readonly Token[], separator = ','): Token[][] {
  if (tokens.length === 0) return [];
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'symbol' && (token.text === '(' || token.text === '[')) depth++;
    else if (token.kind === 'symbol' && (token.text === ')' || token.text === ']')) depth--;
    if (depth === 0 && token.kind === 'symbol' && token.text === separator) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** Statements of a text that holds several (a TOC entry can), without their semicolons; those inside a
 * `BEGIN ATOMIC` body or a rule's parentheses end nothing. */
export function statementsOf(text: string): { text: string; tokens: Token[] }[] {
  const tokens = tokensOf(text);
  const statements: Token[][] = [[]];
  let depth = 0;
  let bodies = 0;
  let routine = false;
  tokens.forEach((token, index) => {
    const statement = statements.at(-1) ?? [];
    if (statement.length === 0) {
      depth = bodies = 0;
      routine = /^create (or replace )?(function|procedure)\b/.test(comparable(tokens.slice(index, index + 4)));
    }
    if (token.text === '(') depth++;
    else if (token.text === ')') depth--;
    else if (routine && token.kind === 'word') {
      if (token.value === 'begin' && tokens[index + 1]?.value === 'atomic') bodies++;
      else if (token.value === 'case' && bodies > 0) bodies++;
      else if (token.value === 'end' && bodies > 0) bodies--;
    }
    if (token.text === ';' && depth <= 0 && bodies === 0) statements.push([]);
    else statement.push(token);
  });
  return statements.filter((statement) => statement.length > 0).map((found) => restarted(text, found));
}

/** The statement on its own, offsets counted from its beginning. */
function restarted(text: string, tokens: Token[]): { text: string; tokens: Token[] } {
  const offset = tokens[0]?.start ?? 0;
  return {
    text: sourceOf(text, tokens),
    tokens: tokens.map((token) => ({ ...token, start: token.start - offset, end: token.end - offset })),
  };
}

/** The name that a token stands for, unquoted. */
export const nameOf = (token: Token): string => (token.kind === 'name' ? token.text.slice(1, -1).replaceAll('""', '"') : token.value);

/** Reads a statement's tokens from left to right. */
export class TokenReader {
  readonly tokens: readonly Token[];
  at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  peek(offset = 0): Token | undefined {
    return this.tokens[this.at + offset];
  }

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  /** Whether unquoted words (or symbols) stand here, in this order. */
  sees(...words: string[]): boolean {
    return words.every((word, index) => {
      const token = this.tokens[this.at + index];
      return token !== undefined && token.kind !== 'name' && token.value === word;
    });
  }

  /** Steps over them where they stand here. */
  take(...words: string[]): boolean {
    if (!this.sees(...words)) return false;
    this.at += words.length;
    return true;
  }

  /** A possibly qualified name; null where none stands here. */
  name(): TableName | null {
    const parts: string[] = [];
    for (;;) {
      const token = this.peek();
      if (token === undefined || (token.kind !== 'word' && token.kind !== 'name')) return null;
      parts.push(nameOf(token));
      this.at++;
      if (!this.take('.')) break;
    }
    return { schema: parts.length > 1 ? (parts.at(-2) ?? '') : '', table: parts.at(-1) ?? '' };
  }

  /** What stands in the parentheses that open here, and steps behind them; null where none open. */
  group(): Token[] | null {
    if (!this.sees('(')) return null;
    const begin = this.at + 1;
    let depth = 0;
    for (; this.at < this.tokens.length; this.at++) {
      const token = this.tokens[this.at];
      if (token?.kind !== 'symbol') continue;
      if (token.text === '(') depth++;
      else if (token.text === ')' && --depth === 0) {
        this.at++;
        return this.tokens.slice(begin, this.at - 1);
      }
    }
    return this.tokens.slice(begin);
  }

  /** Everything up to where one of the words stands outside parentheses; the rest where none does. */
  until(stops: (reader: TokenReader) => boolean): Token[] {
    const begin = this.at;
    while (!this.done && !stops(this)) if (this.group() === null) this.at++;
    return this.tokens.slice(begin, this.at);
  }

  rest(): Token[] {
    const rest = this.tokens.slice(this.at);
    this.at = this.tokens.length;
    return rest;
  }
}
