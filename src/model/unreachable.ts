/** The last branch of every exhaustive switch. */

/**
 * Marks code that the type checker has shown cannot be reached.
 *
 * @throws {Error} always, with the value that arrived after all: that is a bug in runner.
 */
export function unreachable(value: never): never {
  throw new Error(`Internal error: unexpected ${JSON.stringify(value)}`);
}
