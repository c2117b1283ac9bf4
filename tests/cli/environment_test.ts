/** Caches that cannot be used: one clear message, exit code 3, nothing lost and nothing overwritten. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import { treeOf } from "../support/files.ts";
import { tempFolder } from "../support/temp.ts";
import { checkFullOutput, FULL, LOCAL } from "../ways_in/support.ts";
import { Place } from "./support.ts";

const PIPELINE = 'import { task } from "runner";\nexport const main = task("main", () => 1);\n';
const TAG = "Signature: 8a477f597d28d172789f06886806bc55\n";

const CASES: Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, error: string]>> = {
  "a file": [
    { "cache": "text" },
    "<here>/cache is a file, so it cannot be the cache's folder; choose another with --cache",
  ],
  "a folder of something else": [
    { "cache/letter.txt": "dear" },
    "<here>/cache is not empty and is no cache of runner, so nothing is written there; choose another folder with --cache",
  ],
  "the cache of another program": [
    { "cache/CACHEDIR.TAG": `${TAG}# cargo\n` },
    "<here>/cache belongs to another program (by its CACHEDIR.TAG); choose another folder with --cache",
  ],
  "a newer format": [
    { "cache/CACHEDIR.TAG": `${TAG}# runner cache, format 99\n` },
    "The cache <here>/cache was written by a newer version of runner (format 99, this version knows 1); update runner, or choose another folder with --cache",
  ],
};

for (const [name, [files, error]] of Object.entries(CASES)) {
  Deno.test(`a cache that is ${name}`, async () => {
    using place = new Place({ "p.ts": PIPELINE, ...files });
    const before = treeOf(`${place.path}/cache`, true);
    for (const args of [["run", "p.ts"], ["graph", "p.ts"], ["cache", "clear", "p.ts", "main"]]) {
      const { code, stdout, stderr } = await place.runner(...args, "--cache", "cache");
      assertEquals([args[0], code, stdout, place.plain(stderr)], [args[0], 3, "", `error: ${error}\n`]);
    }
    assertEquals(treeOf(`${place.path}/cache`, true), before);
  });
}

const ROOT = Deno.uid() === 0;
Deno.test({
  name: `a cache that cannot be written is read all the same${
    ROOT ? " (ignored: root may write everywhere)" : ""
  }`,
  ignore: ROOT,
  fn: async () => {
    using place = new Place({ "p.ts": PIPELINE });
    fs.mkdirSync(`${place.path}/closed`, { mode: 0o500 });
    const { code, stderr } = await place.runner("run", "p.ts", "--cache", "closed/cache");
    assertEquals(code, 3);
    assertStringIncludes(place.plain(stderr), "error: The cache <here>/closed/cache cannot be used: ");
  },
});

/** Mounts a small file system; `undefined` where that is not allowed. */
function smallDisk(path: string): (() => void) | undefined {
  if (!ROOT) return undefined;
  const run = (command: string, ...args: string[]) =>
    new Deno.Command(command, { args, stderr: "null" }).outputSync();
  try {
    if (!run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", path).success) return undefined;
  } catch {
    return undefined;
  }
  return () => void run("umount", path);
}

const MOUNTS = (() => {
  using probe = tempFolder();
  const unmount = smallDisk(probe.path);
  unmount?.();
  return unmount !== undefined;
})();
const NO_MOUNTS = MOUNTS ? "" : " (ignored: no small file system can be mounted here)";

Deno.test({
  name: `a full disk: the value is printed, the text says what was not kept, exit code 3${NO_MOUNTS}`,
  ignore: !MOUNTS,
  fn: async () => {
    using place = new Place({
      "p.ts": `import { task } from "runner";
export const main = task("main", { compression: 0, run: () => "x".repeat(1_000_000) });
`,
    });
    fs.mkdirSync(`${place.path}/small`);
    const unmount = smallDisk(`${place.path}/small`)!;
    try {
      const { code, stdout, stderr } = await place.runner("run", "p.ts", "--cache", "small/cache");
      assertEquals([code, stdout.length], [3, 1_000_001]);
      const text = place.plain(stderr);
      assert(/^warning: .*ENOSPC/m.test(text), text);
      assertStringIncludes(text, "✓ ran 1");
      const again = await place.runner("run", "p.ts", "--cache", "small/cache", "--json");
      assertEquals(again.code, 3);
      assert(
        !Object.keys(treeOf(`${place.path}/small`)).some((name) => name.endsWith(".result.gz/")),
        "nothing half-written",
      );
    } finally {
      unmount();
    }
  },
});

Deno.test({
  name:
    `a full disk keeps no outputs either: they are there, what needs them goes on, exit code 3${NO_MOUNTS}`,
  ignore: !MOUNTS,
  fn: async () => {
    using place = new Place({
      "p.ts": `import { task } from "runner";
import fs from "node:fs";
const make = task("make", {
  outputs: ["out", "big.txt"],
  compression: 0,
  run: () => {
    fs.writeFileSync("big.txt", "x".repeat(1_000_000));
    for (const name of ["a", "b"]) fs.writeFileSync("out/" + name, name.repeat(500_000));
    return "made";
  },
});
export const main = task("main", {
  deps: () => ({ make: make({}) }),
  inputs: ["big.txt"],
  run: (_, { deps }) => deps.make + fs.statSync("big.txt").size + fs.readdirSync("out"),
});
`,
    });
    fs.mkdirSync(`${place.path}/small`);
    fs.mkdirSync(`${place.path}/out`);
    const unmount = smallDisk(`${place.path}/small`)!;
    try {
      for (const round of [1, 2]) {
        const { code, stdout, stderr } = await place.runner("run", "p.ts", "--cache", "small/cache");
        const text = place.plain(stderr);
        assertEquals([round, code, stdout], [round, 3, "made1000000a,b\n"], text);
        assert(
          /^warning: results are not being cached: .*no space left on device.* make room in <here>\/small\/cache/im
            .test(text),
          text,
        );
        assertEquals(text.split("warning: ").length, 2, text);
      }
    } finally {
      unmount();
    }
  },
});

/** Takes all room there is in a folder. */
const FILL = `import fs from "node:fs";
export function fill(folder: string) {
  const file = fs.openSync(folder + "/ballast", "w");
  try {
    for (;;) fs.writeSync(file, new Uint8Array(4096));
  } catch { /* It is full. */ }
  fs.closeSync(file);
}
`;

Deno.test({
  name:
    `a state folder without room: runs go on unnoted, which is told with the path and ends with 3${NO_MOUNTS}`,
  ignore: !MOUNTS,
  fn: async () => {
    using place = new Place({
      "fill.ts": FILL,
      "p.ts": `import { task } from "runner";
import { fill } from "./fill.ts";
export const settings = { state: "small" };
export const good = task("good", () => (console.log("printed"), 1));
export const bad = task("bad", (): number => { throw new Error("wrong"); });
export const late = task("late", (): number => { fill("small"); throw new Error("wrong"); });
`,
    });
    fs.mkdirSync(`${place.path}/small`);
    const unmount = smallDisk(`${place.path}/small`)!;
    const run = async (target: string) => {
      const { code, stdout, stderr } = await place.runner("run", "p.ts", target, "--cache", "cache");
      return { code, stdout, text: place.plain(stderr) };
    };
    const listed = async () => (await place.runner("ps", "--all", "--state", "small")).stdout;
    try {
      // What was noted when there was room can be noted as over.
      const late = await run("late");
      assertEquals(late.code, 1, late.text);
      assert(!late.text.includes("error: "), late.text);
      assertStringIncludes(await listed(), "failed");
      assert(!(await listed()).includes("cut off"), await listed());
      for (
        const [target, code, value] of [["bad", 1, ""], ["good", 3, "1\n"], ["good", 3, "1\n"]] as const
      ) {
        const { text, ...ended } = await run(target);
        assertEquals(ended, { code, stdout: value }, text);
        assertStringIncludes(text, "warning: <here>/small/runs/<run>/run.json cannot be written: ");
        assert(/<here>\/small\/history.db.*, so this run is not in the history/.test(text), text);
        assert(!text.includes("error: "), text);
      }
      assertEquals((await listed()).split("\n").filter((line) => line.includes("cut off")), []);
    } finally {
      unmount();
    }
  },
});

Deno.test({
  name: `a full disk, where jobs are written: the run ends, and says where${NO_MOUNTS}`,
  ignore: !MOUNTS,
  fn: async () => {
    using place = new Place({
      "p.ts": `import { task } from "runner";
export const here = task("here", () => 0);
export const main = task("main", () => 1);
export const settings = { prefixes: { main: "env" } };
`,
    });
    fs.mkdirSync(`${place.path}/small`);
    const unmount = smallDisk(`${place.path}/small`)!;
    try {
      const options = ["--cache", "small/cache", "--state", "state"];
      assertEquals((await place.runner("run", "p.ts", "here", ...options)).code, 0);
      try {
        fs.writeFileSync(`${place.path}/small/filling`, new Uint8Array(1_000_000));
      } catch {
        // It is full.
      }
      const { code, stderr } = await place.runner("run", "p.ts", ...options);
      assertEquals(code, 3, stderr);
      assertMatch(stderr, /error: .*No space left.*small\/cache/);
    } finally {
      unmount();
    }
  },
});

Deno.test({
  name: `output that cannot be written is told, and is no success${FULL}`,
  ignore: FULL !== "",
  fn: () => checkFullOutput(LOCAL),
});
