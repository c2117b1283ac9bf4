import { assertEquals } from "@std/assert";
import { CodeIndex } from "../../../src/plan/code/code_index.ts";
import { parseModule } from "../../../src/plan/code/module.ts";
import { reader, tasksOf } from "./support.ts";

const split = (source: string) =>
  parseModule("file:///x.ts", source).statements.map(({ form, names, types }) =>
    form === "code" ? names.join() || "-" : `${form}${types.length > 0 ? ` ${types}` : ""}`
  );

const CASES: readonly [string, readonly string[]][] = [
  ["const a = 1\nlet b = 2; var { c: d, ...e } = f", ["a", "b", "c,d,e"]],
  ["const a = 1,\n  b = 2\nfoo()", ["a,b", "-"]],
  ["const m: Map<string, number> = new Map(), n = 1", ["m,n"]],
  ["function f(a: string): void\nfunction f(a: unknown) {}\nf()", ["f", "f", "-"]],
  ["function f(): { a: number } { return x }\n(function () {})()", ["f", "-"]],
  ["function f() {} g()", ["f", "-"]],
  ["export default class extends B {}\n[1].map(f)", ["default", "-"]],
  ["export default function named() {}\n`x`.trim()", ["named,default", "-"]],
  ["@dec()\n@other.one\nexport class A<T>\n  extends B {}", ["A"]],
  ["export abstract class A {}\nexport async function* g() {}\nexport const enum E { A }", ["A", "g", "E"]],
  ["type A =\n  | B\n  | C\n(foo())", ["type A", "-"]],
  ["type A = () => void\nexport interface B extends C {}\n(foo())", ["type A", "type B", "-"]],
  ["declare const X: string\ndeclare function f(): void\n(foo())", ["type X", "type f", "-"]],
  ["declare global {\n  var x: number\n}\nfoo()", ["type", "-"]],
  ["type = 5\ndeclare(x)\ninterface\nfoo", ["-", "-", "-"]],
  ["namespace N.M { export const a = 1 }", ["N"]],
  ["import a from 'a'\nimport type b from 'b'\nimport type, { c } from 'c'\nimport('d')", [
    "import",
    "type",
    "import",
    "-",
  ]],
  ["import a from 'a' with { type: 'json' }\n(foo)()", ["import", "-"]],
  ["import x = require('x')\nimport.meta.url", ["x", "-"]],
  ["export * from 'a'; export { b as c }\nexport { d } from 'd'\nexport type { E } from 'e'", [
    "reexport",
    "list",
    "reexport",
    "type",
  ]],
  ["if (a)\n  b()\nelse\n  c()\nconst d = 1", ["-", "d"]],
  ["const a = { b: 1 } as const\nconst c = a!\nconst d = x as\n  Y", ["a", "c", "d", "-"]],
  ["const f = () =>\n  g()\n\nfrom(x).pipe()\nof(1)", ["f", "-", "-"]],
  ["const a = b\n{ c() }", ["a", "-"]],
  ["const a = x\n  ? y\n  : z\nlabel: for (;;) break label", ["a", "-"]],
];
for (const [source, expected] of CASES) {
  Deno.test(`splits into statements: ${JSON.stringify(source)}`, () =>
    assertEquals(split(source), [...expected]));
}

Deno.test("names in imports and exports are read", () => {
  const source = `import d, { type T, a as b, default as e, "x-y" as f } from "./m.ts";
import * as ns from "./n.ts";
export { a as "b-c", d as default, type U } from "./o.ts";
export * as all from "./p.ts";
export { b as g };`;
  const { imports, exports } = parseModule("file:///x.ts", source);
  assertEquals([...imports.values()].map((it) => `${it.imported}>${it.local}`), [
    "default>d",
    "a>b",
    "default>e",
    "x-y>f",
    "*>ns",
  ]);
  assertEquals(
    [...exports].map(([name, it]) => `${name}<${"local" in it ? it.local : it.binding.imported}`),
    [
      "b-c<a",
      "default<d",
      "all<*",
      "g<b",
    ],
  );
});

Deno.test("random texts never throw", () => {
  const pieces = [
    "const a = ",
    'task("t", ',
    "`${",
    "}`",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "=>",
    "\n",
    ";",
    ",",
    "/",
    "/*",
    "*/",
    "//",
    "'",
    '"',
    "import ",
    "export ",
    " from ",
    '"./x.ts"',
    "* as ns",
    "type ",
    "interface ",
    "class ",
    "@dec",
    "<",
    ">",
    "a",
    "!",
    "++",
    ":",
    "=",
    "\\",
    "\0",
    "é",
    "\u2028",
    "await ",
    "return",
    "if (a)",
    "else ",
    "default ",
    "<div>",
    ".",
  ];
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let round = 0; round < 3000; round++) {
    let text = "";
    for (let length = random(40); length >= 0; length--) text += pieces[random(pieces.length)];
    const path = random(2) === 0 ? "p.ts" : "p.tsx";
    const files = { [path]: text, "x.ts": text };
    const frames = [{
      module: `file:///home/me/project/${path}`,
      line: 1 + random(3),
      column: 1 + random(60),
    }];
    const tasks = [{ name: "r", frames, fallback: text }, ...Object.values(tasksOf(files))];
    const index = new CodeIndex(reader(files), tasks);
    for (const task of tasks) {
      assertEquals(index.digest(task).length, 64);
      index.fields(task);
    }
  }
});
