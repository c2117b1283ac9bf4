/** Tasks that end their thread or process, by whatever function: told before the thread is gone, which nobody else would tell. */
import process from "node:process";
import { exitHolders } from "../../runtime/runtime.ts";

/** Thrown after an exit was asked for, in case the thread lives on for a moment. */
export class ExitAsked extends Error {
  override readonly name = "ExitAsked";
}

/** Puts `asked` in the place of everything that ends this thread or process. */
export function guardExit(asked: (code: number) => void): void {
  const exit = (code?: unknown): never => {
    asked(typeof code === "number" ? code : Number(process.exitCode ?? 0));
    throw new ExitAsked("the task asked to exit");
  };
  for (const [holder, name] of exitHolders()) {
    if (typeof (holder as Record<string, unknown>)[name] !== "function") continue;
    try {
      Object.defineProperty(holder, name, { value: exit, configurable: true, writable: true });
    } catch {
      // A frozen property stays as it is; the end of the thread is then noticed from outside.
    }
  }
}
