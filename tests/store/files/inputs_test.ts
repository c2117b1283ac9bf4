/** Which files input rules mean. */
import fs from "node:fs";
import { assertEquals, assertMatch } from "@std/assert";
import { one, paths, Place, rules } from "./support.ts";

Deno.test("files named one by one: sorted, each once, whatever they are spelled like", () => {
  using place = new Place({ "b.txt": "b", "src/a.txt": "a", "../outside.txt": "o" });
  const files = place.run();
  const inputs = [
    "src/a.txt",
    "./b.txt",
    "src/../b.txt",
    `${place.cwd}/b.txt`,
    "src//a.txt",
    "../work/b.txt",
  ];
  assertEquals(paths(files, { inputs }), ["b.txt", "src/a.txt"]);
  const outside = place.full("../outside.txt").replace("/work/..", "");
  assertEquals(paths(files, { inputs: ["../outside.txt"] }), ["../outside.txt"]);
  assertEquals(paths(files, { inputs: [outside, "b.txt"] }), [outside, "b.txt"]);
  assertEquals(paths(files, { inputs: [outside, "../outside.txt"] }), ["../outside.txt"]);
});

Deno.test("globs: dot files too, braces, exceptions of what came before", () => {
  using place = new Place({ "a.ts": "", ".b.ts": "", "x/c.ts": "", "x/.d/e.ts": "", "x/f.js": "" });
  const files = place.run();
  assertEquals(paths(files, { inputs: ["**/*.ts"] }), [".b.ts", "a.ts", "x/.d/e.ts", "x/c.ts"]);
  assertEquals(paths(files, { inputs: ["./x/**/*.{ts,js}"] }), ["x/.d/e.ts", "x/c.ts", "x/f.js"]);
  assertEquals(paths(files, { inputs: [`${place.cwd}/x/*.ts`] }), ["x/c.ts"]);
  assertEquals(paths(files, { inputs: ["**/*.ts", "!x/**"] }), [".b.ts", "a.ts"]);
  assertEquals(paths(files, { inputs: ["**/*.ts", "!**/*.d"] }).length, 4);
  assertEquals(paths(files, { inputs: ["**/*.ts", "!x"] }), [".b.ts", "a.ts"]);
  assertEquals(paths(files, { inputs: ["**/*.ts", "!**/*.ts", "x/c.ts"] }), ["x/c.ts"]);
  assertEquals(paths(files, { inputs: ["!x/c.ts", "x/*"] }), ["x/c.ts", "x/f.js"]);
  assertEquals(paths(files, { inputs: ["a.ts", "x", "!x/.d", "!gone.ts"] }), ["a.ts", "x/c.ts", "x/f.js"]);
  assertEquals(paths(files, { inputs: ["*.none"] }), []);
});

Deno.test("globs outside the working folder", () => {
  using place = new Place({ "../near/a.txt": "", "../near/deep/b.txt": "" });
  const files = place.run();
  assertEquals(paths(files, { inputs: ["../near/**/*.txt"] }), ["../near/a.txt", "../near/deep/b.txt"]);
  assertEquals(paths(files, { inputs: ["../near/**/*.txt", "!../near/deep"] }), ["../near/a.txt"]);
  const near = fs.realpathSync(place.full("../near"));
  assertEquals(paths(files, { inputs: [`${near}/*.txt`] }), [`${near}/a.txt`]);
});

Deno.test("a folder stands for every file below; links are followed, circles end, empty folders do not matter", () => {
  using place = new Place({ "d/a": "1", "d/.hidden/b": "2", "other/c": "3" });
  fs.mkdirSync(place.full("d/empty"));
  place.link("d/file", "../other/c");
  place.link("d/folder", "../other");
  place.link("d/circle", "../d");
  place.link("d/nowhere", "gone");
  const files = place.run();
  const all = ["d/.hidden/b", "d/a", "d/file", "d/folder/c"];
  assertEquals(paths(files, { inputs: ["d"] }), all);
  assertEquals(paths(files, { inputs: ["d/", "./d/a"] }), all);
  const before = files.mark("d", "content");
  fs.mkdirSync(place.full("d/empty too"));
  assertEquals(files.mark("d", "content"), before);
  place.write("other/c", "4");
  assertEquals(files.mark("d", "content") === before, false);
});

Deno.test("names with an end of line, and links that lead back up, in folders and in globs", () => {
  using place = new Place({
    "tree/a\nb.txt": "",
    "tree/x\ny/c.txt": "",
    "tree/x\ny/d\n": "",
    "other.txt": "",
  });
  place.write("near/n.txt", "");
  place.link("tree/up", "..");
  place.link("tree/self", ".");
  place.link("tree/x\ny/up", "../..");
  place.link("tree/near", "../near");
  place.link("tree/lost", "nowhere");
  const files = place.run();
  const all = ["tree/a\nb.txt", "tree/near/n.txt", "tree/x\ny/c.txt", "tree/x\ny/d\n"];
  assertEquals(paths(files, { inputs: ["tree"] }), all);
  assertEquals(paths(files, { inputs: ["tree/**"] }), all);
  assertEquals(paths(files, { inputs: ["tree/**/*.txt"] }), all.slice(0, 3));
  assertEquals(paths(files, { inputs: ["tree/x\ny/*"] }), all.slice(2));
  assertEquals(paths(files, { inputs: [`${place.cwd}/tree/a*`, "../work/tree/x*/**", "!**/d*"] }), [
    all[0],
    all[2],
  ]);
  const stored = place.collect(["tree/**"]);
  assertEquals(stored.map(({ path }) => path.slice(5)), [
    "a\nb.txt",
    "lost",
    "near",
    "self",
    "up",
    "x\ny/c.txt",
    "x\ny/d\n",
    "x\ny/up",
  ]);
});

Deno.test("a path with the letters of a glob is itself when it is there", () => {
  using place = new Place({ "app/[id]/page.tsx": "1", "app/i/page.tsx": "2", "a (1).txt": "", "b!.txt": "" });
  const files = place.run();
  assertEquals(paths(files, { inputs: ["app/[id]/page.tsx"] }), ["app/[id]/page.tsx"]);
  assertEquals(paths(files, { inputs: ["a (1).txt", "b!.txt"] }), ["a (1).txt", "b!.txt"]);
  place.remove("app/[id]");
  assertEquals(paths(files, { inputs: ["app/[id]/page.tsx"] }), ["app/i/page.tsx"]);
});

Deno.test("what is ignored is never an input: paths with all below, globs, names at any depth", () => {
  using place = new Place({
    "a.txt": "",
    "a.log": "",
    "x/b.log": "",
    "x/c.txt": "",
    "node_modules/m/i.js": "",
  });
  const files = place.run();
  const all = { inputs: ["**/*", "a.log"] };
  assertEquals(paths(files, { ...all, ignore: ["node_modules", "*.log"] }), ["a.txt", "x/c.txt"]);
  assertEquals(paths(files, { ...all, ignore: ["x/", "**/node_modules"] }), ["a.log", "a.txt"]);
  assertEquals(paths(files, { ...all, ignore: ["x/*.log", "node_modules/m"] }), [
    "a.log",
    "a.txt",
    "x/c.txt",
  ]);
  assertEquals(paths(files, { inputs: ["x", "gone.log"], ignore: ["*.log"] }), ["x/c.txt"]);
  assertEquals(paths(files, { inputs: ["a.txt"], ignore: [`${place.cwd}/a.txt`] }), []);
});

Deno.test("regular expressions on paths below a folder", () => {
  using place = new Place({ "src/a.ts": "", "src/x/b.ts": "", "src/x/c.md": "" });
  const files = place.run();
  assertEquals(paths(files, { inputs: [{ root: "src", pattern: /\.ts$/g }] }), ["src/a.ts", "src/x/b.ts"]);
  assertEquals(paths(files, { inputs: [{ root: "./src/", pattern: /^x\// }] }), ["src/x/b.ts", "src/x/c.md"]);
  assertEquals(paths(files, { inputs: [{ root: ".", pattern: /^src\/a/y }] }), ["src/a.ts"]);
  assertEquals(files.find(rules({ inputs: [{ root: "gone", pattern: /x/ }] })).problems, [
    "input folder gone, which /x/ is to be matched in, does not exist",
  ]);
});

Deno.test("an absent file is a problem, unless it is optional: then it is something to watch", () => {
  using place = new Place({ "a": "" });
  place.link("dangling", "nowhere");
  const files = place.run();
  const absent = files.find(rules({ inputs: ["gone", "a", "dangling", "a/below"] }));
  assertEquals(absent.problems, [
    "input file gone does not exist",
    "input file dangling does not exist",
    "input file a/below does not exist",
  ]);
  assertEquals(absent.files.map(({ path }) => path), ["a"]);
  const optional = files.find(
    rules({ inputs: [{ path: "gone", optional: true }, { path: "a", optional: true }] }),
  );
  assertEquals([optional.problems, optional.files.length, optional.roots], [[], 1, ["gone"]]);
  assertEquals(files.find(rules({ inputs: ["gone", "*"] })).problems, ["input file gone does not exist"]);
  assertEquals(files.find(rules({ inputs: ["gone", "!gone"] })).problems, []);
  assertMatch(files.find(rules({ inputs: ["a\0b"] })).problems[0]!, /^input file a\0b cannot be read: /);
});

Deno.test("what to watch: folders and globs as they are written", () => {
  using place = new Place({ "a": "", "d/b": "" });
  const inputs = ["a", "d", "**/*.none", { root: "d", pattern: /b/ }];
  assertEquals(place.run().find(rules({ inputs })).roots, ["d", "**/*.none", "d"]);
  assertEquals(place.run().find(rules({ inputs: ["a"] })).roots, []);
});

Deno.test("runner's own state and git's are no inputs, unless they are named", () => {
  using place = new Place({
    "a": "",
    ".runner/x": "",
    ".git/HEAD": "",
    "sub/.git/HEAD": "",
    "kept/blobs/b": "",
  });
  const files = place.run({ cache: place.full("kept") });
  for (const inputs of [["."], ["**/*"], ["*", "**"]]) assertEquals(paths(files, { inputs }), ["a"]);
  assertEquals(paths(files, { inputs: [".git/HEAD"] }), [".git/HEAD"]);
  assertEquals(paths(files, { inputs: [".git/*"] }), [".git/HEAD"]);
  assertEquals(paths(files, { inputs: [".git"] }), [".git/HEAD"]);
});

Deno.test("triggers: what changes a mark", () => {
  const changes: Record<string, (place: Place) => void> = {
    touch: (place) => fs.utimesSync(place.full("a"), 1_000, 1_000),
    edit: (place) => {
      place.write("a", "two");
      fs.utimesSync(place.full("a"), 2_000, 2_000);
    },
    both: (place) => place.write("a", "two"),
  };
  const outcome: Record<string, string[]> = {};
  for (const trigger of ["content", "mtime", "both", "exists"] as const) {
    outcome[trigger] = Object.entries(changes).flatMap(([what, change]) => {
      using place = new Place({ a: "one" });
      fs.utimesSync(place.full("a"), 2_000, 2_000);
      const files = place.run();
      const before = one(files, "a", trigger).mark;
      change(place);
      const after = one(files, "a", trigger).mark;
      assertEquals(files.mark("a", trigger), after);
      place.remove("a");
      assertEquals(files.mark("a", trigger), "");
      return after === before ? [] : [what];
    });
  }
  assertEquals(outcome, {
    content: ["edit", "both"],
    mtime: ["touch", "both"],
    both: ["touch", "edit", "both"],
    exists: [],
  });
});

Deno.test("a module brings the local modules it imports", () => {
  using place = new Place({
    "src/main.ts":
      `import { a } from "./a.ts";\nimport "./effect.js";\nimport fs from "node:fs";\nconst x = "./no.ts";`,
    "src/a.ts":
      `export * from "../lib/b.ts";\nimport type { T } from "./types";\nawait import("./late.ts?v=1");`,
    "src/effect.ts": `export {};`,
    "src/types.ts": `import "./main.ts"; export type T = 1;`,
    "src/late.ts":
      `import data from "./data.json" with { type: "json" };\nimport "./gone.ts"; import "bare";`,
    "src/data.json": "{}",
    "src/no.ts": "",
    "lib/b.ts": `new URL("./%62%20.txt", import.meta.url); require("./c")`,
    "lib/b .txt": "",
    "lib/c/index.ts": "",
  });
  const files = place.run();
  const all = [
    "lib/b .txt",
    "lib/b.ts",
    "lib/c/index.ts",
    "src/a.ts",
    "src/data.json",
    "src/effect.ts",
    "src/late.ts",
  ];
  const given = { inputs: ["src/main.ts"], trackImports: true };
  assertEquals(paths(files, given), [...all, "src/main.ts", "src/types.ts"]);
  assertEquals(paths(files, { ...given, ignore: ["lib", "*.json"] }), [
    "src/a.ts",
    "src/effect.ts",
    "src/late.ts",
    "src/main.ts",
    "src/types.ts",
  ]);
  assertEquals(paths(files, { ...given, trackImports: false }), ["src/main.ts"]);
  place.write("src/a.ts", "export const a = 1;");
  assertEquals(paths(files, given), ["src/a.ts", "src/effect.ts", "src/main.ts"]);
  place.write("src/a.ts", "import './no.ts' is not ( what a module [ looks like");
  assertEquals(paths(files, given).includes("src/no.ts"), true);
});

Deno.test("a task's own outputs are not among what its patterns and folders mean", () => {
  using place = new Place({
    "d/a.txt": "",
    "d/list.txt": "",
    "d/made/b.txt": "",
    "d/c.out": "",
    "d/own.txt": "",
  });
  const files = place.run();
  const found = (given: Parameters<typeof rules>[0]) => {
    const { files: list, shared = [] } = files.find(rules(given));
    return [list.map(({ path }) => path), shared];
  };
  const outputs = ["./d/list.txt", "d/made", "d/*.out"];
  assertEquals(found({ inputs: ["d/**"], outputs }), [["d/a.txt", "d/own.txt"], ["d/c.out"]]);
  assertEquals(found({ inputs: ["d"], outputs }), [["d/a.txt", "d/own.txt"], ["d/c.out"]]);
  assertEquals(found({ inputs: [{ root: "d", pattern: /txt$/ }], outputs }), [["d/a.txt", "d/own.txt"], []]);
  // Who names a file means it.
  assertEquals(found({ inputs: ["d/*", "d/c.out"], outputs }), [["d/a.txt", "d/c.out", "d/own.txt"], []]);
  assertEquals(found({ inputs: ["d/*.txt"], outputs: ["d/*.txt", "!d/own.txt"] }), [
    ["d/own.txt"],
    ["d/a.txt", "d/list.txt"],
  ]);
});

Deno.test("globs that no file fits are told, unless they are optional", () => {
  using place = new Place({ "d/a.txt": "" });
  const empty = (...inputs: Parameters<typeof rules>[0]["inputs"] & object) =>
    place.run().find(rules({ inputs })).empty;
  assertEquals(empty("d/*.txt", "gone/**", { path: "d/*.js" }), ["gone/**", "d/*.js"]);
  assertEquals(empty("d/*.txt", { path: "gone/**", optional: true }, "!d/*.md"), undefined);
});
