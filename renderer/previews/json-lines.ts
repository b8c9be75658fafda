// JSON on lines of its own. Reads tokens instead of parsing, so that numbers, double keys and their order stay as they are.

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** The text with one member a line; null where it is no JSON object or array. */
export function jsonLines(text: string): string | null {
  if (!/^\s*[{[]/.test(text) || !isJson(text)) return null;
  let lines = '';
  let depth = 0;
  let before = '';
  const feed = () => `\n${'  '.repeat(depth)}`;
  for (const [part] of text.matchAll(token)) {
    const closes = part === '}' || part === ']';
    if (closes) depth -= 1;
    const opened = before === '{' || before === '[';
    if (closes ? !opened : opened || before === ',') lines += feed();
    lines += part === ':' ? ': ' : part;
    if (part === '{' || part === '[') depth += 1;
    before = part;
  }
  return lines;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
