/** What all launchers of child processes share, piece by piece. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { spawn } from "node:child_process";
import os from "node:os";
import process from "node:process";
import { ask } from "../../src/dispatch/attached/capture.ts";
import { readExit } from "../../src/dispatch/attached/exits.ts";
import { lastWords } from "../../src/model/last_words.ts";
import { lookUp, processesOf, processId } from "../../src/dispatch/attached/processes.ts";
import { untranslated } from "../../src/dispatch/attached/words.ts";
import { HandClock } from "../support/members.ts";

const ignore = Deno.build.os !== "linux";

Deno.test("the last line that says something is found, and before it what tells of a full heap", () => {
  assertEquals(lastWords(""), undefined);
  assertEquals(lastWords("one\r\n two \n\n----\n\u001b\n"), "two");
  assertEquals(
    lastWords("FATAL ERROR: Reached heap limit - JavaScript heap out of memory\n 1: 0x1\n 2: 0x2\n"),
    "FATAL ERROR: Reached heap limit - JavaScript heap out of memory",
  );
  assertEquals(lastWords("x".repeat(1000))!.length, 300);
  for (
    const [log, says] of [
      ["docker: invalid reference format.\nSee 'docker run --help'.", "docker: invalid reference format."],
      ["docker: no space left\n\nRun 'docker run --help' for more information", "docker: no space left"],
      ["out of room\nWARNING: the image's platform does not match", "out of room"],
      ["WARNING: nothing else", "WARNING: nothing else"],
      [
        "error: Uncaught TypeError: no\n    throw new TypeError(no);\n    ^\n    at f (f.ts:1:2)\n    at g (g.ts:3:4)",
        "error: Uncaught TypeError: no",
      ],
      ["RangeError: high\n    at f (f.ts:1:2)\n\nNode.js v20.1.0", "RangeError: high"],
      [
        "Error: before\n    at f (f.ts:1:2)\nsrun: error: task 0 was killed",
        "srun: error: task 0 was killed",
      ],
      ["Check a.ts\nerror: no module\n\nStack backtrace:\n   0: <unknown>", "error: no module"],
    ] as const
  ) assertEquals(lastWords(log), says);
});

Deno.test("what an exit says", () => {
  const read = (code: number | undefined, signal?: string, said?: string) => readExit({ code, signal }, said);
  assertEquals(read(0).reason, undefined);
  assertEquals(read(75), { reason: "exit", text: "ended with exit code 75" });
  assertMatch(read(127).text, /^ended with exit code 127 \(which says that there is no such command/);
  assertMatch(read(126).text, /^ended with exit code 126 \(which says that the command was found/);
  assertEquals(read(143).text, "ended with exit code 143, which stands for SIGTERM");
  assertEquals(read(255), { reason: "exit", text: "ended with exit code 255" });
  assertEquals(read(undefined, "SIGTERM"), { reason: "crash", text: "was ended by SIGTERM" });
  assertEquals(read(1, undefined, "JavaScript heap out of memory").reason, "exit");
  assertEquals(read(137, undefined, "oom-kill: it").reason, "oom");
});

Deno.test({
  name: "a process is known by its number, its start and its host; what is not certain is told so",
  ignore,
  fn: async () => {
    const child = spawn("cat", [], {
      stdio: ["pipe", "ignore", "ignore"],
      env: { ...process.env, RUNNER_JOB: "j-1" },
    });
    const gone = new Promise((resolve) => child.once("exit", resolve));
    const id = processId(child.pid!);
    assertMatch(id, new RegExp(`^${child.pid}:\\d+\\.[0-9a-f]{8}@${os.hostname()}$`));
    assertEquals(lookUp(id).known, "alive");
    assertEquals(lookUp(id.replace(/:\d+/, ":1")).known, "gone", "another process of that number");
    assertEquals(lookUp(id.replace(/@.*/, "@far")), { pid: child.pid!, host: "far", known: "elsewhere" });
    assertEquals(lookUp(id.replace(/:[^@]*/, ":?")).known, "unclear");
    assertEquals(lookUp("4711_3").known, "unclear");
    assertEquals([...processesOf(new Set(["j-1", "j-2"]))], [["j-1", [child.pid!]]]);
    child.stdin.end();
    await gone;
    assertEquals([lookUp(id).known, processesOf(new Set(["j-1"])).size], ["gone", 0]);
  },
});

Deno.test({
  name: "words are not taken for a call of Node that is to be translated",
  ignore,
  fn: async () => {
    const self = process.execPath;
    for (
      const words of [[self, "exec", "x"], [self, "run", "x"], [self], ["-c", `${self} exec x`], [
        "-c",
        `'${self}' x`,
      ], ["a", `x ${self}`]]
    ) {
      const { stdout } = await ask(["printf", "%s\n", "-", ...words]).answer;
      assertEquals(stdout.replaceAll("/./", "/").trimEnd().split("\n"), ["-", ...words]);
    }
    assertEquals(untranslated(["/a/b", "x", "-c", "/a/b x"], "/a/b"), ["/./a/b", "x", "-c", "/./a/b x"]);
  },
});

Deno.test({
  name: "a question is answered whatever happens, and not waited for longer than is said",
  ignore,
  fn: async () => {
    const clock = new HandClock();
    const after = clock.after.bind(clock);
    assertEquals(await ask(["sh", "-c", "cat; echo no >&2; exit 4"], after, "in").answer, {
      code: 4,
      stdout: "in",
      stderr: "no\n",
      failed: undefined,
    });
    assertEquals((await ask(["no-such-command"], after).answer).failed, "ENOENT");
    assertEquals(clock.pending, 0);
    const slow = ask(["sh", "-c", "sleep 1000 & sleep 1000"], after);
    clock.move(60_000);
    const { code, stderr } = await slow.answer;
    assert(code === undefined && /did not answer within 60 s/.test(stderr));
  },
});
