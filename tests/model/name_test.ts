/** Names: templates, which are lawful, and the folders they get. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { fillName, folderName, nameProblem, placeholders } from "../../src/model/name.ts";

Deno.test("placeholders of a template, in order", () => {
  deepStrictEqual(placeholders("build"), []);
  deepStrictEqual(placeholders("build::[env]::[target]"), ["env", "target"]);
  deepStrictEqual(placeholders("[a][b]"), ["a", "b"]);
  deepStrictEqual(placeholders("odd ] [ [x] []"), ["x", ""]);
});

Deno.test("a template is filled out from own fields; the rest stays", () => {
  strictEqual(fillName("build::[env]::[n]", { env: "prod", n: 3 }), "build::prod::3");
  strictEqual(fillName("build::[env]", { other: 1 }), "build::[env]");
  strictEqual(fillName("[toString] [constructor]", {}), "[toString] [constructor]");
  strictEqual(fillName("build::[env]", undefined), "build::[env]");
  strictEqual(fillName("build::[env]", null), "build::[env]");
  strictEqual(fillName("plain", { plain: 1 }), "plain");
  // What schemas make of texts may be a record or a list: each has a name of its own.
  strictEqual(fillName("at::[v]", { v: { major: 1 } }), 'at::{"major":1}');
  strictEqual(fillName("at::[v]", { v: ["a,b", "c"] }), 'at::["a,b","c"]');
  strictEqual(fillName("at::[v]", { v: { big: 1n } }), "at::[object Object]");
  // What is put in is not looked into: neither for placeholders nor for `$&`.
  strictEqual(fillName("[a]-[b]", { a: "[b]", b: "$&" }), "[b]-$&");
});

Deno.test("names that are lawful", () => {
  for (
    const name of [
      "a",
      "build::[env]",
      "größe",
      "with space",
      "日本",
      "a/b",
      "[$x]",
      "[_y1]",
      "x".repeat(200),
    ]
  ) {
    strictEqual(nameProblem(name), undefined, name);
  }
});

Deno.test("names that are not, and why", () => {
  const problems: readonly [unknown, RegExp][] = [
    ["", /not empty/],
    ["  ", /not empty/],
    [5, /not empty/],
    [undefined, /not empty/],
    ["a\nb", /control characters/],
    ["a\u007f", /control characters/],
    ["x".repeat(201), /200 characters at most/],
    ["[]", /"\[\]" is no placeholder/],
    ["[a b]", /"\[a b\]" is no placeholder.*"\[env\]"/],
    ["[1a]", /is no placeholder/],
    ["[a]-[a]", /"\[a\]" stands in it twice/],
  ];
  for (const [name, problem] of problems) match(nameProblem(name) ?? "lawful", problem);
});

Deno.test("folders are safe on every file system, and those of readable names are the names", () => {
  strictEqual(folderName("build-1.x_Y"), "build-1.x_Y");
  strictEqual(folderName("build::[env]"), "build%3A%3A%5Benv%5D");
  strictEqual(folderName("a/../b"), "a%2F..%2Fb");
  strictEqual(folderName("ö"), "%C3%B6");
  deepStrictEqual([".", "..", "...", ".a"].map(folderName), ["%2E", "%2E%2E", "%2E%2E%2E", ".a"]);
  strictEqual(folderName("100%"), "100%25");
  fc.assert(fc.property(fc.string({ unit: "binary" }), (name) => {
    const folder = folderName(name);
    match(folder, /^[A-Za-z0-9._%-]*$/);
    ok(!/^\.+$/.test(folder));
  }));
});

/** Whether different names of these characters get different folders, from which the names can be read. */
function checkFolders(unit: fc.StringConstraints["unit"]): void {
  const name = fc.string({ ...(unit !== undefined && { unit }), maxLength: 3 }).filter((text) =>
    text.isWellFormed()
  );
  fc.assert(
    fc.property(name, name, (one, other) => {
      strictEqual(folderName(one) === folderName(other), one === other);
      strictEqual(decodeURIComponent(folderName(one)), one);
    }),
    { numRuns: 2_000 },
  );
}

Deno.test("folders: different names never share one", () => {
  checkFolders(fc.constantFrom(".", "%", "2", "E", "5", "a", "A", "ö", "/", ":", " "));
  checkFolders(fc.integer({ min: 0, max: 0xd7ff }).map((code) => String.fromCharCode(code)));
});

Deno.test("folders: different names never share one, above U+FFFF either", () => {
  checkFolders("binary");
});
