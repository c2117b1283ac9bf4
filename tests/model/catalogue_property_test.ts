/** Names and patterns against an oracle of another kind, and among very many tasks. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { task } from "../../src/model/task.ts";
import { definitions, meant, run } from "./naming.ts";

Deno.test("names: a pattern means exactly the calls whose names it matches", () => {
  const value = fc.string({
    unit: fc.constantFrom("a", "b", ".", "ö", "[", "$"),
    minLength: 1,
    maxLength: 3,
  });
  const values = fc.uniqueArray(value, { minLength: 1, maxLength: 5 });
  const glob = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "b", ".", "ö", "*", "?"), minLength: 1, maxLength: 4 }),
    fc.constantFrom("*", "?", "a*", "*b", "??", "*?", "*.*"),
  );
  let matched = 0;
  fc.assert(
    fc.property(values, values, glob, glob, (ones, others, first, second) => {
      const one = task("prop::[x]::[y]", { choices: { x: ones, y: others }, run });
      // An oracle of another kind: by recursion over the characters.
      const fits = (pattern: string, text: string): boolean =>
        pattern === ""
          ? text === ""
          : pattern[0] === "*"
          ? fits(pattern.slice(1), text) || text !== "" && fits(pattern, text.slice(1))
          : text !== "" && (pattern[0] === "?" || pattern[0] === text[0]) &&
            fits(pattern.slice(1), text.slice(1));
      const wanted = ones.filter((x) => fits(first, x)).flatMap((x) =>
        others.filter((y) => fits(second, y)).map((y) => `prop::${x}::${y}`)
      );
      const got = meant(`prop::${first}::${second}`, { tasks: definitions(one) });
      matched += wanted.length;
      if (wanted.length === 0) ok(!Array.isArray(got) && typeof got === "object");
      else deepStrictEqual(/[*?]/.test(first + second) ? got : [got], wanted);
    }),
    { numRuns: 500 },
  );
  ok(matched > 200, `only ${matched} matched`);
});

Deno.test("names: a name among very many tasks is found without looking at all of them", () => {
  const many = definitions(
    ...Array.from({ length: 300 }, (_, index) => task(`many${index}::[n]`, run)),
    ...Array.from({ length: 300 }, (_, index) => task(`one${index}`, run)),
  );
  let looked = 0;
  const list = new Proxy(many, {
    get: (target, key) => {
      if (typeof key === "string" && /^\d+$/.test(key)) looked++;
      return Reflect.get(target, key);
    },
  });
  for (let index = 0; index < 300; index++) {
    strictEqual(meant(`many${index}::7`, { tasks: list }), `many${index}::7`);
    strictEqual(meant(`one${index}`, { tasks: list }), `one${index}`);
  }
  ok(looked <= 2 * many.length, `the list was read ${looked} times`);
});
