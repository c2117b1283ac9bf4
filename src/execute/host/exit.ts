/** Tasks that end their thread or process, by whatever function: told before the thread is gone, which nobody else would tell. */
import { onExit } from "../../runtime/ends.ts";

/** Thrown after an exit was asked for, in case the thread lives on for a moment. */
export class ExitAsked extends Error {
  override readonly name = "ExitAsked";
}

/** Puts `asked` in the place of everything that ends this thread or process. */
export function guardExit(asked: (code: number) => void): void {
  onExit((code) => {
    asked(code);
    throw new ExitAsked("the task asked to exit");
  });
}
