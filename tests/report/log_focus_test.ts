/** The part of a failing log that matters, on logs of real tools and on made-up ones. */
import { assert, assertEquals } from "@std/assert";
import { colouredLines, plainLines } from "../../src/report/ansi.ts";
import { weigh } from "../../src/report/log_blocks.ts";
import { focus, renderLog } from "../../src/report/log_focus.ts";
import { COLOURED, PLAIN } from "../../src/report/style.ts";

const golden = (name: string): string => Deno.readTextFileSync(new URL(`golden/${name}`, import.meta.url));

for (const tool of ["python", "gcc", "tsc", "cargo", "pytest", "node", "plain"]) {
  Deno.test(`the log of ${tool}`, () => {
    const shown = renderLog("stderr", golden(`${tool}.log`), PLAIN);
    assertEquals(`${shown.join("\n")}\n`, golden(`${tool}.txt`));
  });
}

/** Lines of a log with something at some of them, counted from 1. */
function log(lines: number, at: Readonly<Record<number, string>> = {}): string {
  return Array.from({ length: lines }, (_, index) => `${at[index + 1] ?? `line ${index + 1}`}\n`).join("");
}

/** The numbers of the lines that are shown, counted from 1. */
function shown(text: string, ignore: readonly RegExp[] = []): string {
  return focus(plainLines(text), { ignore }).ranges.map(({ from, to }) => `${from + 1}-${to + 1}`).join(" ");
}

Deno.test("keywords stand alone, in any case", () => {
  const errors = [
    "ERROR: no",
    "an Exception here",
    "[error] x",
    "level=error msg=x",
    "Segmentation fault (core dumped)",
    "npm ERR! code 1",
    "java.io.IOException: gone",
    "thread 'main' panicked at src/main.rs:2:5:",
    "TypeError",
    "E   assert 1 == 2",
    "2 tests failed",
    "bash: foo: command not found",
    "errors: 3",
  ];
  const warnings = [
    "Warning: old",
    "notice: x",
    "a.py:3: DeprecationWarning: x",
    "this is DEPRECATED",
    "a.c:1:2: warning: x [-Werror=y]",
    "warning: this is an error in the next edition",
  ];
  const nothing = [
    "terror",
    "error.ts written",
    "src/error/a.ts",
    "--error-limit",
    "console.error was called",
    "0 errors, 0 warnings",
    "no errors",
    "failed: 0",
    "213 passed, 0 failed",
    "MirrorErrors",
  ];
  assertEquals(errors.filter((line) => weigh(line) !== 2), []);
  assertEquals(warnings.filter((line) => weigh(line) !== 1), []);
  assertEquals(nothing.filter((line) => weigh(line) !== 0), []);
});

Deno.test("two lines around each hit, merged where they meet; the last sixteen without one", () => {
  assertEquals(shown(log(100, { 50: "error: a" })), "48-52");
  assertEquals(shown(log(100, { 50: "error: a", 54: "warning: b", 90: "notice" })), "48-56 88-92");
  assertEquals(shown(log(100, { 1: "error", 100: "error" })), "1-3 98-100");
  assertEquals(shown(log(100)), "85-100");
  assertEquals(shown(log(16, { 3: "error" })), "1-16", "a short log is shown as it is");
  assertEquals(shown(log(17)), "2-17");
  assertEquals(shown(log(100, { 50: "error: harmless", 70: "error: real" }), [/harmless/]), "68-72");
  // A rule with a memory must not skip every other line.
  assertEquals(shown(log(100, { 50: "error: x", 60: "error: x", 70: "error: x" }), [/error/g]), "85-100");
});

Deno.test("no more than 40 lines: the first error, the last, then others, then warnings", () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [100 + n * 10, `error ${n}`]));
  const text = log(500, { 20: "warning: w", ...many });
  const { ranges, more } = focus(plainLines(text));
  assertEquals(ranges.map(({ from }) => from + 1), [98, 108, 118, 128, 138, 148, 158, 388]);
  assertEquals(more, 23);
  assertEquals(renderLog("stdout", text, PLAIN).slice(-2), [
    "  …",
    "  (errors or warnings in 23 more places)",
  ]);
  // A block of its own that is too long: head and end.
  const stack = Array.from({ length: 58 }, (_, n) => [31 + n, `    at f${n} (/a.js:1:1)`] as const);
  const long = log(100, { 30: "Error: deep", ...Object.fromEntries(stack) });
  assertEquals(shown(long), "28-47 71-90");
  // A traceback that touches a flood of errors stays whole.
  const flood = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [13 + n, `ERROR retry ${n}`]));
  assertEquals(
    shown(log(400, {
      10: "Traceback (most recent call last):",
      11: '  File "a.py", line 1',
      12: "KeyError: 1",
      ...flood,
    })),
    "8-47",
  );
});

Deno.test("all of it, when that is wanted", () => {
  const text = log(300, { 50: `error ${"x".repeat(600)}` });
  const lines = renderLog("stdout", text, PLAIN, { full: true });
  assertEquals([lines.length, lines[0], lines[1]], [301, "  ── stdout ──", "  line 1"]);
  assertEquals(lines[50]!.length, 608);
  assertEquals(renderLog("stdout", text, PLAIN)[4]!.length, "  50 │ ".length + 501);
});

Deno.test("a log whose beginning was cut off has no numbers", () => {
  const text = `… (the beginning is in /x/stdout.txt)\n${log(100, { 50: "error: a" })}`;
  assertEquals(renderLog("stdout", text, PLAIN).slice(0, 3), [
    "  ── stdout (5 of 101 lines) ──",
    "  …",
    "  line 48",
  ]);
});

Deno.test("what moves the cursor is gone; colours stay where there are any", () => {
  const text =
    "\x1b[2J\x1b[1;31mred\nstill\x1b[0m not\x1b[3A\n\x1b]8;;http://a\x07link\x1b]8;;\x07\n10%\r100%\r\n" +
    "ab\b\bcd\n\x1b(Bx\x00\ty\n\x9b31mc1\x1b[m";
  const plain = ["red", "still not", "link", "100%", "cd", "x\ty", "c1"];
  assertEquals(plainLines(text), plain);
  assertEquals(colouredLines(text), [
    "\x1b[1;31mred\x1b[0m",
    "\x1b[1;31mstill\x1b[0m not\x1b[0m",
    "link",
    "100%",
    "cd",
    "x\ty",
    "\x1b[31mc1\x1b[m\x1b[0m",
  ]);
  assertEquals(
    colouredLines("\x1b[1m\x1b[31mred\nstill\x1b[39m\nbold\x1b[0;4mline\nline")[1],
    "\x1b[1m\x1b[31mstill\x1b[39m\x1b[0m",
  );
  assertEquals(renderLog("o", text, PLAIN).slice(1), plain.map((line) => `  ${line}`));
  assertEquals(renderLog("o", text, COLOURED)[1], "  \x1b[1;31mred\x1b[0m");
  assertEquals(renderLog("o", log(100, { 9: "error" }), COLOURED)[2], "  \x1b[2m 7 │\x1b[22m line 7");
  assertEquals(renderLog("o", " \n\n", PLAIN), []);
});

Deno.test("a log of a megabyte, of a few endless lines, of errors only: quick", () => {
  const before = performance.now();
  for (
    const text of [
      "error: x\n".repeat(110_000),
      "a b c ".repeat(170_000),
      " ".repeat(1_000_000),
      "\x1b[".repeat(500_000),
      "\b".repeat(500_000) + "x\b".repeat(250_000),
      "    at x\n".repeat(110_000),
      `${'File "'.repeat(160_000)}`,
      "no ".repeat(330_000),
    ]
  ) assert(renderLog("o", text, PLAIN).length < 60);
  assert(performance.now() - before < 4_000, `${performance.now() - before} ms`);
});
