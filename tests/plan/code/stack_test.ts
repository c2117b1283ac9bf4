import { assert, assertEquals } from "@std/assert";
import type { SourceFrame } from "../../../src/plan/code/analysis.ts";
import { CodeIndex } from "../../../src/plan/code/code_index.ts";
import type { ModuleReader } from "../../../src/plan/code/graph.ts";

const FOLDER = new URL("./fixture/", import.meta.url);

/** Frames of a stack that lie in the fixture, the stand-in for the engine left out. */
function framesOf(stack: string): SourceFrame[] {
  return [...stack.matchAll(/\(?((?:file:\/\/)?\/[^\s()]*\.ts):(\d+):(\d+)\)?$/gm)].map((match) => ({
    module: new URL(match[1] ?? "", "file:///").href,
    line: Number(match[2]),
    column: Number(match[3]),
  })).filter(({ module }) => module.startsWith(FOLDER.href) && !module.endsWith("/lib.ts"));
}

function run(command: string, args: string[]): { name: string; frames: SourceFrame[] }[] {
  const { stdout } = new Deno.Command(command, { args: [...args, new URL("pipeline.ts", FOLDER).pathname] })
    .outputSync();
  const stacks: { name: string; stack: string }[] = JSON.parse(new TextDecoder().decode(stdout));
  return stacks.map(({ name, stack }) => ({ name, frames: framesOf(stack) }));
}

function readerWith(path: string, from: string, to: string): ModuleReader {
  return {
    resolve: (specifier, base) => specifier.startsWith(".") ? new URL(specifier, base).href : undefined,
    read(url) {
      if (url.endsWith("/lib.ts")) return new Uint8Array();
      const text = Deno.readTextFileSync(new URL(url));
      const next = url.endsWith(path) ? text.replace(from, to) : text;
      assert(from === "" || !url.endsWith(path) || next !== text);
      return new TextEncoder().encode(next);
    },
  };
}

const RUNTIMES: readonly [string, string, string[]][] = [
  ["Deno", Deno.execPath(), ["run", "--no-config", "--quiet"]],
  ["Bun", "bun", ["run"]],
];

for (const [runtime, command, args] of RUNTIMES) {
  const present = command !== "bun" || (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/bun`).isFile;
    } catch {
      return false;
    }
  });
  Deno.test({ name: `definitions are found by the stacks of ${runtime}`, ignore: !present }, () => {
    const tasks = run(command, args).map((task) => ({ ...task, fallback: "" }));
    const changedBy = (path: string, from: string, to: string) => {
      const before = new CodeIndex(readerWith("", "", ""), tasks);
      const after = new CodeIndex(readerWith(path, from, to), tasks);
      return tasks.filter((task) => before.digest(task) !== after.digest(task)).map(({ name }) => name);
    };
    assertEquals(tasks.map(({ name }) => name), ["short", "typed", "a", "b", "made", "x", "y"]);
    assertEquals(changedBy("pipeline.ts", "=> 2", "=> 7"), ["typed"]);
    assertEquals(changedBy("pipeline.ts", "=> 3", "=> 7"), ["a"]);
    assertEquals(changedBy("pipeline.ts", "=> 4", "=> 7"), ["b"]);
    assertEquals(changedBy("pipeline.ts", "=> 6", "=> 7"), ["x", "y"]);
    assertEquals(changedBy("pipeline.ts", "return 1", "return 7"), ["short"]);
    assertEquals(changedBy("pipeline.ts", `"made", 5`, `"made", 7`), ["made"]);
    assertEquals(changedBy("factory.ts", "=> rate", "=> -rate"), ["made"]);
    const index = new CodeIndex(readerWith("", "", ""), tasks);
    const typed = tasks.find(({ name }) => name === "typed");
    assertEquals(typed && index.fields(typed), [{
      name: "a",
      type: "Map<string, Array<number>>",
      optional: false,
    }]);
  });
}
