/** The command that the README has installed from the sources. */
import { assertEquals, assertMatch } from "@std/assert";
import fs from "node:fs";
import { V8_FLAGS } from "../../src/runtime/runtime.ts";
import { Place } from "../cli/support.ts";
import { fromFileUrl } from "../support/paths.ts";
import { tempFolder } from "../support/temp.ts";
import { checkCommand, PIPELINE } from "./support.ts";

const ROOT = fromFileUrl("../..").replace(/\/$/, "");
const read = (name: string): string => fs.readFileSync(`${ROOT}/${name}`, "utf8");

Deno.test("deno install, as the README says it, gives a command that works", async () => {
  const [line] = read("README.md").match(/deno install -g [^`]+ cli\.ts/) ?? [];
  using installed = tempFolder();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: line!.split(" ").slice(1),
    cwd: ROOT,
    env: { DENO_INSTALL_ROOT: installed.path },
  }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  using place = new Place({ "p.ts": PIPELINE });
  const command = `${installed.path}/bin/runner`;
  await checkCommand(place, Deno.build.os === "windows" ? ["cmd", "/c", `${command}.cmd`] : [command]);
});

Deno.test("wherever Deno starts runner, V8 is told the same", () => {
  const places = ["README.md", "deno.json", "cli.ts", "docs/limits.md", ".github/workflows/release.yml"];
  for (const name of places) {
    const flags = [...read(name).matchAll(/--v8-flags=(\S+)/g)].map(([, flag]) => flag);
    assertEquals(new Set(flags), new Set([V8_FLAGS]), name);
  }
  assertMatch(read("cli.ts"), /^#!.*--v8-flags=/);
});
