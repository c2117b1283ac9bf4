import { assertEquals, assertNotEquals } from "@std/assert";
import { write } from "../../../src/plan/code/canonical.ts";
import { parseModule } from "../../../src/plan/code/module.ts";
import { lex } from "../../../src/plan/code/tokens.ts";

const texts = (source: string, file = "x.ts") =>
  lex(source, file).tokens.map((token) => token.text).join(" ");
const canonical = (source: string) => {
  const { lexed, statements, raw } = parseModule("file:///x.ts", source);
  return raw === undefined ? statements.map((statement) => write(lexed, statement).text).join("\n") : source;
};

Deno.test("tokens carry their position", () => {
  const { tokens } = lex("#!/usr/bin/env x\n/* a\n b */ const x = `a\n${1}`;\r\ny");
  assertEquals(tokens.map(({ text, line, column }) => [text, line, column]).at(0), ["const", 3, 7]);
  assertEquals(tokens.map(({ text, line, column }) => [text, line, column]).at(-1), ["y", 5, 1]);
});

Deno.test("comments are told from strings, templates and regular expressions", () => {
  assertEquals(texts("a('/*', \"//\", `//${b /* c */}/*`) // d"), 'a ( "/*" , "//" , `//${ b }/*` )');
  assertEquals(texts("x = /[/*]\\/\\//g.test(y)"), "x = /[/*]\\/\\//g . test ( y )");
});

Deno.test("a division behind a non-null mark is no regular expression", () => {
  assertEquals(texts("f(a! / b! / 2)"), "f ( a / b / 2 )");
  assertEquals(texts("f(!/b/.test(c))"), "f ( ! /b/ . test ( c ) )");
});

for (const source of ["(", "a)", "`${", "`", "/x", '"', "a\\b", "{]", "x.return / 2", "\0"]) {
  Deno.test(`a text that makes no sense is said to be so: ${JSON.stringify(source)}`, () => {
    assertEquals(lex(source, "x.ts").sound, false);
  });
}

Deno.test("JSX is understood in .tsx, and a generic function that looks like a tag is noticed", () => {
  assertEquals(lex("const a = <div x='1'>it's // {b} <br/></div>;", "x.tsx").sound, true);
  assertEquals(lex("const f = <T extends X>(x: T) => x; // {\n", "x.tsx").sound, false);
});

const SAME: readonly [string, string][] = [
  ["f(a, b)", "f(\n  a,\n  b,\n)"],
  ["a;\nb;", "a\nb"],
  ["function f() { return 1; }", "function f() {\n  return 1\n}"],
  ["const f = (x) => x", "const f = x => x"],
  ["if (a) b; else c;", "if (a) b\nelse c"],
  ["x\n  .y()\n  .z()", "x.y().z()"],
  ["const a = b ||\n  c", "const a = b || c"],
  ["class A { a = 1; b() {} }", "class A {\n  a = 1\n  b() {}\n}"],
  ["a = `x\r\ny`", "a = `x\ny`"],
  ["const a = [\n 1,\n]", "const a = [1]"],
];
for (const [a, b] of SAME) {
  Deno.test(`formatting does not count: ${JSON.stringify(b)}`, () =>
    assertEquals(canonical(a), canonical(b)));
}

const DIFFERENT: readonly [string, string][] = [
  ["a;\n(b)", "a\n(b)"],
  ["a;\n[b]", "a\n[b]"],
  ["function f() { return\nx }", "function f() { return x }"],
  ["function f() { return\n(x) }", "function f() { return (x) }"],
  ["a\n++b", "a++\nb"],
  ["if (x);\nf()", "if (x)\nf()"],
  ["if (x) {} else;\nf()", "if (x) {} else f()"],
  ["while (x);", "while (x)\nf()"],
  ["class A { get\nx() {} }", "class A { get x() {} }"],
  ["class A { static\n*x() {} }", "class A { static *x() {} }"],
  ["a = [1,,]", "a = [1,]"],
  ["a = [,]", "a = []"],
  ["for (;;a) {}", "for (;a;) {}"],
  ["a + +b", "a + b"],
  ["a = '\\''", 'a = "\\\'" + 1'],
  ["a = `x y`", "a = `x  y`"],
  ["f = async\nfunction g() {}", "f = async function g() {}"],
];
for (const [a, b] of DIFFERENT) {
  Deno.test(`what looks like formatting counts when it means something: ${JSON.stringify(a)}`, () => {
    assertNotEquals(canonical(a), canonical(b));
  });
}
