/** What a person types for `runner`, in hints that are to be typed or pasted. */
import { quoteWords } from "../model/quoting.ts";
import { typedCommand } from "../runtime/typed_command.ts";

/** Tells it, as words for a shell; found out when it is first asked for. */
export function typed(cli: string): () => string {
  let words: string | undefined;
  return () => words ??= quoteWords(typedCommand(cli));
}
