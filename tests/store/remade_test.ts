/** What a run has made anew, for the run that goes on with it. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { openRemade } from "../../src/store/remade.ts";
import { tempFolder } from "../support/temp.ts";

Deno.test("what was noted is known to the run that goes on with it, and to the one after that; a line that was cut off is not", () => {
  using folder = tempFolder();
  const at = (name: string) => `${folder.path}/${name}`;
  const first = openRemade(at("a"), undefined);
  first.add("k1");
  first.add("k2");
  assertEquals([first.has("k1"), fs.existsSync(at("a"))], [false, true], "its own are for others");
  first.close(false);
  fs.appendFileSync(`${at("a")}/remade`, "k");
  const second = openRemade(at("b"), at("a"));
  assertEquals(["k1", "k2", "k", "k3"].map((key) => second.has(key)), [true, true, false, false]);
  second.add("k3");
  second.close(false);
  const third = openRemade(at("c"), at("b"));
  assertEquals(["k1", "k2", "k3"].map((key) => third.has(key)), [true, true, true]);
  third.close(true);
  assertEquals(fs.readdirSync(at("c")), []);
});

Deno.test("a run that makes nothing anew writes nothing; one that cannot write goes on", () => {
  using folder = tempFolder();
  openRemade(`${folder.path}/a`, `${folder.path}/none`).close(true);
  assertEquals(fs.readdirSync(folder.path), []);
  fs.writeFileSync(`${folder.path}/file`, "");
  const remade = openRemade(`${folder.path}/file/b`, undefined);
  remade.add("k1");
  remade.close(false);
});
