/** "Did you mean" for names that templates are filled out with. */
import { strictEqual } from "node:assert/strict";
import { nameHint } from "../../src/model/name_hint.ts";

Deno.test("a misspelt beginning is mended, and the rest is left as it is", () => {
  const names = ["bundle::[env]", "page::[lang]::[n]", "it::[n]", "plain"];
  const cases: readonly (readonly [string, string])[] = [
    ["bundl::prod", "bundle::prod"],
    ["bundel::prod", "bundle::prod"],
    ["bundlee::prod", "bundle::prod"],
    ["pag::fr::1", "page::fr::1"],
    ["itt::3", "it::3"],
    ["plian", "plain"],
    ["bundle::", "bundle::[env]"],
  ];
  for (const [given, meant] of cases) strictEqual(nameHint(given, names), `; did you mean "${meant}"?`);
  strictEqual(nameHint("something::else", names), "");
});
