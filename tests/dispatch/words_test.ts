/** Splitting and quoting, compared with a real shell. */
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { quoteWord, quoteWords } from "../../src/model/quoting.ts";
import { shellOperator, splitWords } from "../../src/dispatch/words.ts";

/** How a real shell splits a text in which nothing is expanded. */
function shellWords(text: string): string[] {
  const { stdout, success } = new Deno.Command("sh", {
    args: ["-c", `set -f\nprintf '%s\\0' ${text}`],
    stdout: "piped",
    stderr: "null",
  }).outputSync();
  if (!success) throw new Error("the shell does not understand it");
  return new TextDecoder().decode(stdout).split("\0").slice(0, -1);
}

Deno.test("words, quotes and backslashes", () => {
  assertEquals(splitWords(""), []);
  assertEquals(splitWords(" \n\t "), []);
  assertEquals(splitWords("srun  -c 4\n--gres=gpu:1"), ["srun", "-c", "4", "--gres=gpu:1"]);
  assertEquals(splitWords(`a 'b c' "d e" f\\ g`), ["a", "b c", "d e", "f g"]);
  assertEquals(splitWords(`a'b'"c"d`), ["abcd"]);
  assertEquals(splitWords(`'' ""`), ["", ""]);
  assertEquals(splitWords(`"a \\" \\\\ \\n $HOME \\$x" '$x \\'`), ['a " \\ \\n $HOME $x', "$x \\"]);
  assertEquals(splitWords("$HOME *.ts ~ `ls` $(ls)"), ["$HOME", "*.ts", "~", "`ls`", "$(ls)"]);
});

Deno.test("a quote that is not closed is shown", () => {
  assertThrows(() => splitWords("srun 'a b"), RangeError, "a quote is not closed: 'a b");
  assertThrows(() => splitWords('srun "a \\"'), RangeError, 'a quote is not closed: "a');
});

Deno.test("texts are split as a real shell splits them", () => {
  const piece = fc.oneof(
    fc.stringMatching(/^[a-z0-9=:,./{}-]{1,6}$/),
    fc.string({ maxLength: 6 }).filter((text) => !/['\0]/.test(text)).map((text) => `'${text}'`),
    fc.string({ maxLength: 6 }).filter((text) => !/["\\$`\0]/.test(text)).map((text) => `"${text}"`),
    fc.constantFrom('"\\""', '"\\\\"', "'\\'", "\\ ", "\\'", '\\"', "\\\\", "\\a", '"\\a"', "a\\\nb"),
  );
  const blank = fc.constantFrom("", " ", "  ", "\t", " \\\n ");
  const text = fc.array(fc.tuple(piece, blank), { minLength: 1, maxLength: 8 }).map((parts) =>
    parts.flat().join("")
  );
  fc.assert(fc.property(text, (text) => assertEquals(splitWords(text), shellWords(text))), { numRuns: 150 });
});

Deno.test("what is quoted is read back, by us and by a real shell", () => {
  const word = fc.oneof(fc.string({ unit: "grapheme" }), fc.string()).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
      assertEquals(splitWords(quoteWords(words)), words);
      assertEquals(shellWords(quoteWords(words)), words.map((one) => one.toWellFormed()));
    }),
    { numRuns: 100 },
  );
});

Deno.test("words that only a shell would understand are found, unless they are quoted", () => {
  for (const word of ["&&", "|", "||", ";", "&", ">", ">>log", "<in", "2>&1", "&>all", "cd;"]) {
    assertEquals(shellOperator(`a ${word} b`), word);
    assertEquals(shellOperator(`a '${word}' "${word}" \\${word} b`), undefined);
  }
  assertEquals(shellOperator("a b>c -R select[mem>4] x;y"), undefined);
});

Deno.test("what is shown is quoted where a shell would see more than a word", () => {
  assertEquals(
    quoteWords(["srun", "--mem=4G", "A=b", "it's", "", "é"]),
    `srun --mem=4G A=b 'it'\\''s' '' 'é'`,
  );
  assertEquals(quoteWords(["A=b", "A=b"]), "'A=b' A=b");
  assertEquals(quoteWord("=ls"), "'=ls'");
});
