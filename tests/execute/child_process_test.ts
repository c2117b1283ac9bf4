import process from "node:process";
import { assertEquals, assertMatch } from "@std/assert";
import { childProcess } from "../../src/execute/members/child_process.ts";
import { frame } from "../../src/execute/members/frames.ts";
import { until } from "../support/files.ts";
import { childrenOf } from "../support/leaks.ts";
import { tempFolder } from "../support/temp.ts";

/** Starts a program in the place of a host; gives what its member told, in order. */
async function toldBy(
  program: readonly [string, ...string[]],
  meanwhile = () => {},
): Promise<readonly string[]> {
  using temp = tempFolder();
  const told: string[] = [];
  const member = childProcess(program, `${temp.path}/logs`, {
    message: (message) => told.push(message.kind),
    gone: (why) => told.push(why),
  }, "member");
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
