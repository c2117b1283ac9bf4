/** Words of commands that reach them as they are. */
import process from "node:process";
import { runtime } from "../../runtime/runtime.ts";

/**
 * Words for `spawn`. Deno takes its own path among the words of any command, and at the beginning of a line for a shell, for a
 * call of Node that it is to translate, and adds words behind it; another spelling of the path is left alone.
 */
export function untranslated(words: readonly string[], self: string = process.execPath): readonly string[] {
  if (runtime.name !== "deno" || !self.startsWith("/")) return words;
  return words.map((word, index) => {
    if (word === self) return `/.${word}`;
    const line = words[index - 1] === "-c" &&
      [self, `'${self}'`, `"${self}"`].some((one) => word.startsWith(one));
    return line ? word.replace(self, `/.${self}`) : word;
  });
}
