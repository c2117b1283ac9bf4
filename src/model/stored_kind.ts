/** What the bytes of a stored result are: a sum of these, 0 for a plain value. */

/** The bytes are an expression of calls, not a value. */
export const CALLS = 1;
/** The bytes begin with what the outputs are. */
export const OUTPUTS = 2;
/** The bytes are no result, but what to look at to find one. */
export const TRACE = 4;
/** Of a result with outputs: its value is `undefined`, so nobody needs to read it. */
export const NOTHING = 8;
