/** docs/parity.md: every row is there, and every test it names. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { fromFileUrl } from "../support/paths.ts";

const TEXT = fs.readFileSync(fromFileUrl("../../docs/parity.md"), "utf8");

Deno.test("every row of taskproc's inventory stands in the table, once, and so do its defects", () => {
  const rows = [...TEXT.matchAll(/^\| (TP-\d\d) /gm)].map((match) => match[1]);
  assertEquals(rows, Array.from({ length: 71 }, (_, index) => `TP-${String(index + 1).padStart(2, "0")}`));
  assertEquals([...TEXT.matchAll(/^\| (\d) /gm)].map((match) => match[1]), [..."12345678"]);
});

Deno.test("every row of parproc's inventory stands in the table, once, and so do its defects", () => {
  const rows = [...TEXT.matchAll(/^\| (PP-\d\d) /gm)].map((match) => match[1]);
  assertEquals(rows, Array.from({ length: 69 }, (_, index) => `PP-${String(index + 1).padStart(2, "0")}`));
  const defects = [...TEXT.matchAll(/^\| (\d\d) /gm)].map((match) => Number(match[1]));
  assertEquals(defects, [23, 24, 25, 26, 27, 28, 29, 30]);
});

Deno.test("every test that is named is there", () => {
  const named = [...TEXT.matchAll(/`([\w/]+_test\.ts) › ([^`]+)`/g)];
  assertEquals(named.length > 190, true);
  const missing = named.filter(([, file, name]) => {
    const path = fromFileUrl(`../${file}`);
    return !fs.existsSync(path) || !fs.readFileSync(path, "utf8").includes(name!);
  });
  assertEquals(missing.map(([whole]) => whole), []);
});

Deno.test("every row says what shows it, or why it is different", () => {
  const poor = TEXT.split("\n").filter((line) => /^\| (TP|PP)-/.test(line)).filter((line) => {
    const shown = line.split(" | ").at(-1)!;
    return !/_test\.ts › |part 3/.test(shown);
  });
  assertEquals(poor, []);
});
