/** Who makes what: by name, by folder, by pattern, and what of that is certain. */
import { assertEquals } from "@std/assert";
import type { FileRules } from "../../src/model/files.ts";
import { components } from "../../src/plan/cycles.ts";
import { Producers } from "../../src/plan/producers.ts";

const rules = (given: Partial<FileRules>): FileRules => ({
  inputs: [],
  ignore: [],
  outputs: [],
  trigger: "content",
  trackImports: false,
  ...given,
});
/** Producers of some lists of outputs, by node; a clash fails. */
function producers(...outputs: FileRules["outputs"][]): Producers {
  const made = new Producers();
  for (const [node, one] of outputs.entries()) {
    const clash = made.add(node, rules({ outputs: one }));
    if (clash !== undefined) throw new Error(`${node} clashes with ${clash.other} at ${clash.path}`);
  }
  return made;
}
/** The first clash of two lists of outputs, in either order. */
function clash(one: FileRules["outputs"], other: FileRules["outputs"]): unknown {
  const told = [[one, other], [other, one]].map(([first, second]) => {
    const made = new Producers();
    made.add(0, rules({ outputs: first! }));
    return made.add(1, rules({ outputs: second! }))?.path;
  });
  return told[0] === told[1] ? told[0] : told;
}

Deno.test("who reads what others make: literals for certain, folders, patterns and expressions likely", () => {
  const made = producers(["gen/a.ts"], ["glob/*.ts"], ["folder"], ["other/b.js"]);
  const read = (given: Partial<FileRules>) => {
    const { sure, likely } = made.makersOf(rules(given));
    return {
      ...(sure.length > 0 && { sure }),
      ...(likely.length > 0 && { likely: [...new Set(likely)].sort() }),
    };
  };
  assertEquals(read({ inputs: ["gen/a.ts", "folder/x/y"] }), { sure: [0, 2] });
  assertEquals(read({ inputs: ["gen"] }), { likely: [0] });
  assertEquals(read({ inputs: ["gen/*.ts", "gen/*.js"] }), { likely: [0] });
  assertEquals(read({ inputs: [{ path: "**/*.ts" }] }), { likely: [0, 1, 2] });
  assertEquals(read({ inputs: ["glob/a.ts"] }), { likely: [1] });
  assertEquals(read({ inputs: ["glob/a.js", "glob/x/a.ts", "gone", "gen/b.ts"] }), {});
  assertEquals(read({ inputs: ["glob"] }), { likely: [1] });
  assertEquals(read({ inputs: ["folder/**/*.c"] }), { likely: [2] });
  assertEquals(read({ inputs: [{ root: "gen", pattern: /ts$/ }] }), { likely: [0] });
  assertEquals(read({ inputs: [{ root: "gen", pattern: /js$/ }, { root: "src", pattern: /./ }] }), {});
  assertEquals(read({ inputs: ["."] }), { likely: [0, 1, 2, 3] });
  // What is left out again, or ignored, is not read.
  assertEquals(read({ inputs: ["gen/*", "!gen/a.ts"] }), {});
  assertEquals(read({ inputs: [".", "!gen", "!glob/**", "!other/*.js"] }), { likely: [2] });
  assertEquals(read({ inputs: ["."], ignore: ["gen", "*.ts", "*.js"] }), { likely: [1, 2] });
});

Deno.test("two producers of one file: names, folders and patterns, in either order", () => {
  assertEquals(clash(["o/x.txt"], ["o/*.txt"]), "o/x.txt");
  assertEquals(clash(["o/x.txt"], ["**/x.*"]), "o/x.txt");
  assertEquals(clash(["o"], ["o/*.txt"]), ["o/*.txt", "o"]);
  assertEquals(clash(["o/x.txt"], ["o/*.js"]), undefined);
  assertEquals(clash(["o/x.txt"], ["o/*.txt", "!o/x.txt"]), undefined);
  assertEquals(clash(["o", "!o/part/**"], ["o/part/**"]), undefined);
  assertEquals(clash(["o", "!o/part"], ["o/part/x"]), undefined);
  // What two patterns both fit comes to light when it is there.
  assertEquals(clash(["o/*.txt"], ["o/a*"]), undefined);
});

Deno.test("nodes that wait for each other are one component", () => {
  const waits: number[][] = [[1], [2], [0, 3], [4], [], [5], [3, 6]];
  const found = components({ count: waits.length, of: (id) => waits[id]! });
  const groups = new Map<number, number[]>();
  for (const [id, one] of found.entries()) groups.set(one, [...groups.get(one) ?? [], id]);
  assertEquals([...groups.values()].sort(), [[0, 1, 2], [3], [4], [5], [6]]);
});
