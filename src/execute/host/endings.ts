/** Ways in which a task ends its attempt before its function returns. */

/** `ctx.skip`: there is nothing to do. */
export class Skipped extends Error {
  override readonly name = "Skipped";
}

/** `ctx.unchanged`: the result is what it was the last time. */
export class Unchanged extends Error {
  override readonly name = "Unchanged";
}
