/** What runs make at the same time. */
import { assertEquals } from "@std/assert";
import fs from "node:fs";
import { openMaking } from "../../src/store/making.ts";
import { openRecord } from "../../src/store/run_record.ts";
import { tempFolder } from "../support/temp.ts";

/** A run that is under way in this process. */
function open(state: string, run: string, cwd = "/here") {
  const about = { run, began: Date.now(), cwd, args: undefined, jobs: `${state}/jobs`, leases: undefined };
  const record = openRecord(`${state}/runs/${run}`, about, () => () => {});
  const making = openMaking(state, run, cwd);
  return {
    making,
    close: () => {
      making.close();
      record.close("ok");
    },
  };
}

Deno.test("the same call at the same time has a rival on both sides; another call, another time, another folder has none", async () => {
  using folder = tempFolder();
  const [a, b, other] = [
    open(folder.path, "a"),
    open(folder.path, "b"),
    open(folder.path, "c", "/elsewhere"),
  ];
  for (const { making } of [a, b, other]) making.begin(["both"]);
  a.making.begin(["mine"]);
  b.making.begin(["theirs"]);
  assertEquals([a.making.rival("both"), b.making.rival("both"), other.making.rival("both")], [
    "b",
    "a",
    undefined,
  ]);
  assertEquals([a.making.rival("mine"), b.making.rival("theirs"), a.making.rival("never begun")], [
    undefined,
    undefined,
    undefined,
  ]);
  // What has ended before is no rival; what ended meanwhile is one, though its run is over.
  a.making.end("mine");
  await Promise.resolve();
  const before = Date.now();
  while (Date.now() === before);
  b.making.begin(["mine"]);
  assertEquals(b.making.rival("mine"), undefined);
  b.making.end("both");
  b.close();
  assertEquals(a.making.rival("both"), "b");
  for (const { close } of [a, other]) close();
  assertEquals(fs.readFileSync(`${folder.path}/runs/b/making`, "utf8").split("\n").length, 6);
});
