/** Something is not as it has to be. */
export class SoakFailure extends Error {
  readonly expected: unknown;
  readonly found: unknown;

  constructor(what: string, expected: unknown, found: unknown) {
    super(what);
    this.expected = expected;
    this.found = found;
  }
}

/** Errors: SoakFailure. */
export function demand(holds: boolean, what: string, expected: unknown, found: unknown): asserts holds {
  if (!holds) throw new SoakFailure(what, expected, found);
}

/** Compared as JSON. Errors: SoakFailure. */
export function demandEqual(what: string, expected: unknown, found: unknown): void {
  demand(JSON.stringify(expected) === JSON.stringify(found), what, expected, found);
}
