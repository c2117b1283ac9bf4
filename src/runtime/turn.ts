/** Letting the event loop have a turn. */

const deno = "Deno" in globalThis;

/**
 * Resolves after a turn of the event loop. On Deno a process that has begun to use timers has waited 5 ms for them: there, the
 * answer of another thread is waited for.
 */
export async function turn(): Promise<void> {
  if (deno) await crypto.subtle.digest("SHA-256", new Uint8Array(0));
  else await new Promise((done) => setImmediate(done));
}
