/** Reading call stacks of V8 (Deno, Node) and of JavaScriptCore (Bun). */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  isOwnModule,
  isRuntimeModule,
  readableFrame,
  readableModule,
  stackFrames,
  userFrames,
} from "../../src/model/source.ts";

/** One line of a stack, and the place it names: module, line, column. */
const LINES: readonly [string, string | undefined][] = [
  // V8
  ["    at file:///home/me/p.ts:3:7", "file:///home/me/p.ts:3:7"],
  ["    at build (file:///home/me/p.ts:30:17)", "file:///home/me/p.ts:30:17"],
  ["    at async build (file:///home/me/p.ts:3:7)", "file:///home/me/p.ts:3:7"],
  ["    at async file:///home/me/p.ts:3:7", "file:///home/me/p.ts:3:7"],
  ["    at new Build (file:///home/me/p.ts:3:7)", "file:///home/me/p.ts:3:7"],
  ["    at Object.run [as call] (file:///p.ts:1:2)", "file:///p.ts:1:2"],
  ["    at async Promise.all (index 0)", undefined],
  ["    at https://deno.land/x/m@1.2.3/mod.ts:3:7", "https://deno.land/x/m@1.2.3/mod.ts:3:7"],
  ["    at f (https://host:8080/mod.ts?a=1:3:7)", "https://host:8080/mod.ts?a=1:3:7"],
  ["    at f (data:application/typescript;base64,AAAA:1:2)", "data:application/typescript;base64,AAAA:1:2"],
  ["    at Array.map (<anonymous>)", undefined],
  ["    at ext:core/01_core.js:10:2", "ext:core/01_core.js:10:2"],
  ["    at f (node:internal/x:1:2)", "node:internal/x:1:2"],
  ["    at f (/home/me/my project/p.ts:3:7)", "file:///home/me/my%20project/p.ts:3:7"],
  ["    at /home/me/my project/p.ts:3:7", "file:///home/me/my%20project/p.ts:3:7"],
  ["    at f (file:///home/me/my%20project/p.ts:3:7)", "file:///home/me/my%20project/p.ts:3:7"],
  [String.raw`    at f (C:\Users\me\p.ts:3:7)`, "file:///C:/Users/me/p.ts:3:7"],
  ["    at f (file:///C:/Users/me/p.ts:3:7)", "file:///C:/Users/me/p.ts:3:7"],
  // JavaScriptCore
  ["build@/home/me/p.ts:3:7", "file:///home/me/p.ts:3:7"],
  ["@/home/me/p.ts:3:7", "file:///home/me/p.ts:3:7"],
  ["module code@/home/me/my project/p.ts:3:7", "file:///home/me/my%20project/p.ts:3:7"],
  ["async build@/home/me/p.ts:3:7", "file:///home/me/p.ts:3:7"],
  ["    at build (/home/me/p.ts:3:7)", "file:///home/me/p.ts:3:7"],
  ["map@[native code]", undefined],
  // Neither
  ["Error: at home:1:2 or not", undefined],
  ["", undefined],
];

Deno.test("the place a line of a stack names", () => {
  for (const [line, place] of LINES) {
    const [frame, more] = stackFrames(line);
    strictEqual(frame && `${frame.module}:${frame.line}:${frame.column}`, place, line);
    strictEqual(more, undefined);
  }
});

Deno.test("a whole stack, innermost first", () => {
  const stack = `RangeError: a message
with a second line
    at inner (file:///p.ts:1:2)
    at Array.map (<anonymous>)
    at async outer (file:///q.ts:3:4)`;
  deepStrictEqual(stackFrames(stack), [
    { module: "file:///p.ts", line: 1, column: 2 },
    { module: "file:///q.ts", line: 3, column: 4 },
  ]);
  deepStrictEqual(stackFrames(undefined), []);
});

Deno.test("this stack, as the runtime writes it", () => {
  const [frame] = stackFrames(new Error("x").stack);
  strictEqual(frame?.module, import.meta.url);
  ok(frame.line > 60 && frame.column > 1);
});

Deno.test("frames of the runtime and of runner are not the user's", () => {
  const root = new URL("../../", import.meta.url).href;
  for (const own of ["src/engine/engine.ts", "workers/host.ts", "mod.ts", "cli.ts"]) {
    strictEqual(isOwnModule(root + own), true, own);
  }
  for (const other of ["tests/x.ts", "examples/src/p.ts", "mod.tsx"]) {
    strictEqual(isOwnModule(root + other), false, other);
  }
  strictEqual(isOwnModule("file:///elsewhere/src/engine/engine.ts"), false);
  for (const module of ["node:fs", "ext:core/x.js", "bun:test", "internal:x"]) {
    strictEqual(isRuntimeModule(module), true, module);
  }
  strictEqual(isRuntimeModule("file:///home/node/p.ts"), false);
  const stack = `Error
    at task (${root}src/model/task.ts:1:2)
    at file:///me/p.ts:3:4
    at ext:core/01_core.js:5:6`;
  deepStrictEqual(userFrames(stack), [{ module: "file:///me/p.ts", line: 3, column: 4 }]);
});

Deno.test("places for people", () => {
  strictEqual(readableFrame({ module: "file:///a/my%20p.ts", line: 3, column: 4 }), "/a/my p.ts:3:4");
  strictEqual(readableModule("file:///C:/a/p.ts"), "C:/a/p.ts");
  strictEqual(readableModule("https://x.y/p%20.ts"), "https://x.y/p%20.ts");
  strictEqual(readableModule("file:///a/100%.ts"), "file:///a/100%.ts");
});
