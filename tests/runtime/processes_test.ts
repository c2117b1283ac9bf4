/** Whether processes are what they were. */
import { assert, assertEquals } from "@std/assert";
import fs from "node:fs";
import process from "node:process";
import { isAlive, isSameProcess, processSpace, processStart } from "../../src/runtime/processes.ts";
import { tempFolder } from "../support/temp.ts";

const NO_PROC = !fs.existsSync("/proc/self/stat");
const PROC = NO_PROC ? " (there is no /proc here: run it on Linux)" : "";

Deno.test("this process lives, and is itself", () => {
  assert(isAlive(process.pid));
  assert(isSameProcess(process.pid, processStart(process.pid)));
  assert(isSameProcess(process.pid, ""), "when it began is not always known");
  assertEquals(processSpace(), processSpace());
});

Deno.test("one that has ended is neither alive nor the same", async () => {
  const child = new Deno.Command("sh", { args: ["-c", ":"] }).spawn();
  await child.status;
  assertEquals([isAlive(child.pid), isSameProcess(child.pid, "")], [false, false]);
  assertEquals(processStart(child.pid), "");
});

Deno.test({
  name: `another with the same number began at another time${PROC}`,
  ignore: NO_PROC,
  fn: () => {
    const start = processStart(process.pid);
    assert(/^\d+$/.test(start), start);
    assertEquals(isSameProcess(process.pid, String(Number(start) - 1)), false);
    assert(processSpace() !== "");
  },
});

Deno.test({
  name: `one that has ended and that nobody has asked about has ended${PROC}`,
  ignore: NO_PROC,
  fn: async () => {
    using folder = tempFolder();
    // What becomes of the shell never asks about the child that the shell had.
    const parent = new Deno.Command("sh", {
      args: ["-c", 'mkfifo go; read line < go & echo "$!"; exec cat'],
      cwd: folder.path,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const [writer, reader] = [parent.stdin.getWriter(), parent.stdout.getReader()];
    const read = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
    const pid = Number(await read());
    await writer.write(new TextEncoder().encode("what cat repeats, once it is there\n"));
    await read();
    const start = processStart(pid);
    assert(isSameProcess(pid, start));
    await Deno.writeTextFile(`${folder.path}/go`, "\n");
    while (!/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"))) await new Promise(setImmediate);
    assert(isAlive(pid), "its number is still in use");
    assertEquals(isSameProcess(pid, start), false);
    await writer.close();
    await read();
    await reader.cancel();
    await parent.status;
  },
});

Deno.test({
  name: `only children of the program itself count, not those of a script that has become it${PROC}`,
  ignore: NO_PROC,
  fn: () => {
    using temp = tempFolder();
    const module = new URL("../../src/runtime/processes.ts", import.meta.url).href;
    fs.writeFileSync(
      `${temp.path}/p.ts`,
      `import { hasHadChildren } from ${JSON.stringify(module)};
const before = hasHadChildren();
new Deno.Command("true").outputSync();
Deno.stdout.writeSync(new TextEncoder().encode(before + " " + hasHadChildren()));
`,
    );
    const script = `/bin/ls >&2; exec '${Deno.execPath()}' run -A '${temp.path}/p.ts'`;
    const { stdout } = new Deno.Command("sh", { args: ["-c", script] }).outputSync();
    assertEquals(new TextDecoder().decode(stdout), "false true");
  },
});
