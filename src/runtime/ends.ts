/** What ends a thread or process before its time: errors that nobody awaits, and functions that exit. */

interface DenoExit {
  exitCode: number;
  exit(code?: number): never;
}

const deno = (globalThis as { Deno?: DenoExit }).Deno;

/** From now on, errors that nobody awaits are told, and end nothing. */
export function onStray(told: (error: unknown) => void): void {
  if (deno === undefined) {
    globalThis.process.on("uncaughtException", told);
    globalThis.process.on("unhandledRejection", told);
    return;
  }
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    told(event.error);
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    told(event.reason);
  });
}

/**
 * From now on, whoever exits is told of, by whatever function.
 *
 * @param told gets the exit code; what it throws comes out of the function that was called, where it can.
 */
export function onExit(told: (code: number) => void): void {
  const exit = (code?: unknown): void => told(typeof code === "number" ? code : currentCode());
  for (const [holder, name] of holders()) {
    if (typeof (holder as Record<string, unknown>)[name] !== "function") continue;
    try {
      Object.defineProperty(holder, name, { value: exit, configurable: true, writable: true });
    } catch {
      // A frozen property stays as it is; the end of the thread is then noticed from outside.
    }
  }
  // What `process.exit` comes to on Deno; the process itself need not be loaded for it.
  if (deno !== undefined) globalThis.addEventListener("unload", () => told(currentCode()));
}

/** The exit code that was set, if any was. */
function currentCode(): number {
  return Number((deno === undefined ? globalThis.process.exitCode : deno.exitCode) ?? 0);
}

/** Objects whose function of this name ends the thread or process. */
function holders(): readonly (readonly [object, string])[] {
  const { process } = deno === undefined ? globalThis : { process: undefined };
  return [
    ...(process === undefined ? [] : [[process, "exit"] as const, [process, "reallyExit"] as const]),
    ...(deno === undefined ? [] : [[deno, "exit"] as const]),
    [globalThis, "close"],
  ];
}

/** A way to end this thread or process that stays when the others are taken. */
export function exitNow(): (code: number) => void {
  if (deno !== undefined) return deno.exit.bind(deno);
  const process = globalThis.process as unknown as { reallyExit?(code: number): void };
  return process.reallyExit?.bind(process) ?? globalThis.process.exit.bind(process);
}
