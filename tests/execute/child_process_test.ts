import fs from "node:fs";
import process from "node:process";
import { assertEquals, assertMatch } from "@std/assert";
import { type ChildManner, childProcess } from "../../src/execute/members/child_process.ts";
import { frame } from "../../src/execute/members/frames.ts";
import { until } from "../support/files.ts";
import { childrenOf } from "../support/leaks.ts";
import { tempFolder } from "../support/temp.ts";

/** Starts a program in the place of a host; gives what its member told, in order. */
async function toldBy(
  program: readonly [string, ...string[]],
  meanwhile = () => {},
  manner: ChildManner = {},
): Promise<readonly string[]> {
  using temp = tempFolder();
  const told: string[] = [];
  const member = childProcess(
    program,
    `${temp.path}/logs`,
    {
      message: (message) => told.push(message.kind),
      gone: (why, reason) => told.push(reason === "oom" ? `${why} (${reason})` : why),
    },
    "member",
    manner,
  );
  meanwhile();
  await until("the end", () => told.some((line) => line.startsWith("the process")));
  assertEquals(await member.kill(), true);
  return told;
}

/** A frame as `printf` takes it. */
function printable(message: unknown): string {
  return [...frame(message)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

Deno.test("what a host said before its end is heard before its end", async () => {
  const script = `printf '${printable({ kind: "ready" })}' >&3; exit 3`;
  const told = await toldBy(["sh", "-c", script], () => {
    // Meanwhile this thread is busy, so that both are known at the same time.
    while (childrenOf(process.pid).size > 0);
  });
  assertEquals(told, ["ready", "the process ended with exit code 3"]);
});

Deno.test("the end of a host says why, with what it printed last", async () => {
  assertEquals(await toldBy(["sh", "-c", "echo first >&2; echo second >&2; exit 7"]), [
    "the process ended with exit code 7: second",
  ]);
  assertEquals(await toldBy(["sh", "-c", "kill -9 $$"]), ["the process was ended by SIGKILL"]);
  const [absent] = await toldBy(["/there/is/no/such/program"]);
  assertMatch(absent!, /^the process did not start: .*ENOENT/);
});

Deno.test("the end of a host is told although what it has started holds its pipe, and all it said is heard", async () => {
  using temp = tempFolder();
  const fifo = `${temp.path}/fifo`;
  await new Deno.Command("mkfifo", { args: [fifo] }).output();
  // It leads a session of its own, so that it is not ended with the group of the host.
  const script = `setsid sh -c 'echo >"$0.up"; read -r end <"$0"; echo ended >"$0"' "$0" &
    until [ -e "$0.up" ]; do sleep 0.01; done
    printf '${printable({ kind: "ready" })}' >&3; exit 3`;
  const told = await toldBy(["sh", "-c", script, fifo], () => {}, {
    after: (_millis, callback) => {
      const timer = setTimeout(callback, 0);
      return () => clearTimeout(timer);
    },
  });
  assertEquals(told, ["ready", "the process ended with exit code 3"]);
  fs.writeFileSync(fifo, "\n");
  assertEquals(fs.readFileSync(fifo, "utf8"), "ended\n", "it goes on, and is nobody else's");
});

Deno.test("a host whose heap was full has run out of memory", async () => {
  const words = "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory";
  const [full] = await toldBy(["sh", "-c", `echo '${words}' >&2; echo ' 1: 0x55d' >&2; kill -TRAP $$`]);
  assertEquals(full, `the process was ended by SIGTRAP, its heap was full: ${words} (oom)`);
  const [said] = await toldBy(["sh", "-c", `echo '${words}' >&2; exit 2`]);
  assertEquals(said, `the process ended with exit code 2: ${words}`, "its task may only have said so");
});
