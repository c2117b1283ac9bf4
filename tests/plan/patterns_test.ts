/** Patterns as planning knows them: as the matcher of inputs sees them, and never less where two of them may meet. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { fits, isPattern, mayFitBelow, mayMeet, patternOf, wholeOf } from "../../src/plan/patterns.ts";
import { matcher, prepareGlobs } from "../../src/store/files/globs.ts";

await prepareGlobs();

const name = fc.constantFrom("a", "b", "ab", "a.ts", "b.ts", "a.js", ".a", "a b", "a-b", "ü");
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const piece = fc.oneof(
  name,
  fc.constantFrom(
    "*",
    "**",
    "*.ts",
    "a*",
    "?",
    "?.ts",
    "a.*",
    "[ab]",
    "[!a].ts",
    "{a,b}.ts",
    "*.{ts,js}",
    "*b*",
  ),
);
const glob = fc.array(piece, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/")).filter(
  isPattern,
);

Deno.test("a path fits a pattern exactly when the matcher of inputs says so", () => {
  fc.assert(
    fc.property(glob, path, (text, one) => {
      const pattern = patternOf(text);
      assert(pattern.exact, text);
      // Whether `**` at the end may stand for nothing the matcher takes now so, now so: no file is found like that.
      fc.pre(!/(?:^|\/)\*\*$/.test(text) || !fits(patternOf(text.replace(/(?:\/?\*\*)+$/, "") || "x"), one));
      assertEquals(fits(pattern, one), matcher(text)(one), `${text} and ${one}`);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("what two patterns both fit is not overlooked", () => {
  fc.assert(
    fc.property(glob, glob, path, (one, other, at) => {
      const [a, b] = [patternOf(one), patternOf(other)];
      if (fits(a, at) && fits(b, at)) assert(mayMeet(a, b) && mayMeet(b, a), `${one} and ${other} at ${at}`);
      if (fits(a, `x/${at}`)) assert(mayFitBelow(a, "x") && mayMeet(wholeOf("x"), a), one);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("patterns that cannot meet are told apart", () => {
  const meet = (one: string, other: string) => mayMeet(patternOf(one), patternOf(other));
  assertEquals(
    [
      meet("src/*.c", "src/*.h"),
      meet("src/**/*.ts", "out/**/*.ts"),
      meet("a*/x", "b*/x"),
      meet("src/*.c", "src/x/*.c"),
      meet("/abs/*.c", "**/*.c"),
      meet("../*.c", "*.c"),
    ],
    Array(6).fill(false),
  );
  assertEquals(
    [meet("src/**", "src/*/a.c"), meet("a*c", "ab*"), meet("**", "x/{a,b}/*")],
    Array(3).fill(true),
  );
});

Deno.test("what is not understood stands for all below the folder it begins with", () => {
  for (
    const text of [
      "src/+(a|b).ts",
      "src/[[:alpha:]].ts",
      "src/{1..3}.ts",
      "src/a\\*",
      "src/[a.ts",
      "src/{a,b.ts",
    ]
  ) {
    const pattern = patternOf(text);
    assertEquals([pattern.exact, pattern.base], [false, "src"], text);
    assert(fits(pattern, "src/any/thing"), text);
    assert(!fits(pattern, "out/any"), text);
  }
  const many = patternOf("x/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}");
  assertEquals([many.exact, many.base], [false, "x"]);
});
