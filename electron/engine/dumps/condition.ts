// Judges a condition before any server sees it: it must be one expression.
import { HowdahError } from '../../../shared/errors.ts';

const token =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|--[^\r\n]*|\/\*[\s\S]*?\*\/|['"();]|\/\*/g;

/** Errors: BAD_INPUT where it could be more than one expression. What remains is the server's to judge. */
export function requireOneCondition(condition: string): void {
  let depth = 0;
  for (const [found] of condition.matchAll(token)) {
    if (found === ';') throw bad('It holds a semicolon: a condition is one expression, not a statement.');
    if (found === '(') depth++;
    else if (found === ')') depth--;
    else if (found === "'" || found === '"' || found === '/*') throw bad(`It has a ${found} that is never closed.`);
    if (depth < 0) throw bad('It closes a parenthesis that it never opened.');
  }
  if (depth > 0) throw bad('It opens a parenthesis that it never closes.');
  if (condition.trim() === '') throw bad('It is empty.');
}

const bad = (message: string): HowdahError =>
  new HowdahError('BAD_INPUT', `The condition cannot be used. ${message}`, {
    hint: "Write what would stand behind WHERE, e.g.: total > 100 and city = 'Quito'",
  });
