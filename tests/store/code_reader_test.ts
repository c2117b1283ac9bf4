import fs from "node:fs";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { digestOf } from "../../src/model/digest.ts";
import type { TaskSource } from "../../src/plan/code/analysis.ts";
import { mark } from "../../src/runtime/mark.ts";
import { memoryFile, readMemory, writeMemory } from "../../src/store/code_memory.ts";
import { CodeReader } from "../../src/store/code_reader.ts";
import { tempFolder } from "../support/temp.ts";

/** Long after the files of a test were written: their marks can be relied on. */
const LATER = Date.now() + 3_600_000;
const SOURCE = `import { task } from "runner";
import { twice } from "./lib.ts";
import table from "./table.json" with { type: "json" };
export const one = task("one", () => twice(1));
export const two = task("two", () => table);
`;

const LIB = "export const twice = (n: number) => 2 * n;\n";

/** A project with two tasks, and a folder for what is remembered of them. */
function project() {
  const temp = tempFolder();
  const file = (name: string) => `${temp.path}/${name}`;
  fs.writeFileSync(file("pipeline.ts"), SOURCE);
  fs.writeFileSync(file("lib.ts"), LIB);
  const module = `file://${file("pipeline.ts")}`;
  const tasks: readonly TaskSource[] = [
    { name: "one", fallback: "() => twice(1)", frames: [{ module, line: 4, column: 20 }] },
    { name: "two", fallback: "() => table", frames: [{ module, line: 5, column: 20 }] },
  ];
  const folder = file("memory");
  return {
    file,
    tasks,
    memory: memoryFile(folder, tasks),
    open: (part: { asked?: (task: number) => boolean; writable?: boolean; now?: number } = {}, of = tasks) =>
      CodeReader.open(of, part.asked ?? (() => true), { folder, writable: true, now: LATER, ...part }),
    [Symbol.dispose]: () => temp[Symbol.dispose](),
  };
}

/** What a reader finds of tasks. */
function found(reader: CodeReader, tasks: readonly TaskSource[], asked = tasks): unknown[] {
  const analysis = reader.analyse(tasks);
  return asked.map((task) => [analysis.digest(task), [...analysis.parts(task)]]);
}

/** What the analysis finds, whatever is remembered. */
async function analysed(tasks: readonly TaskSource[]): Promise<unknown[]> {
  return found(await CodeReader.analysing(), tasks);
}

/** Makes a reader fail when it reads a source. */
function sealed(reader: CodeReader): CodeReader {
  reader.read = (url) => {
    throw new Error(`${url} was read`);
  };
  return reader;
}

Deno.test("what was found is remembered: the next process reads no source, and still knows what was in them", async () => {
  using made = project();
  const first = await made.open();
  const codes = found(first, made.tasks);
  assertEquals(codes, await analysed(made.tasks));
  first.remember();
  const second = sealed(await made.open());
  assertEquals(found(second, made.tasks), codes);
  const { module } = made.tasks[0]!.frames[0]!;
  const analysis = second.analyse(made.tasks);
  const loaded = second.asRead(analysis.loads(module));
  assertEquals(loaded.map(({ path }) => path), [made.file("pipeline.ts"), made.file("lib.ts")]);
  assertEquals(loaded.map(({ digest }) => digest), [digestOf(SOURCE), digestOf(LIB)]);
});

Deno.test("what is not loaded with a task's modules is known, and remembered, as what is read at any time", async () => {
  using made = project();
  fs.writeFileSync(made.file("more.ts"), "import './deep.ts';\nexport const more = 1;\n");
  fs.writeFileSync(made.file("deep.ts"), "console.log(1);\n");
  fs.writeFileSync(made.file("lib.ts"), `${LIB}export const lazy = () => import("./more.ts");\n`);
  fs.writeFileSync(
    made.file("pipeline.ts"),
    SOURCE.replace("twice(1)", "lazy()").replace("twice }", "lazy }"),
  );
  const late = (reader: CodeReader) => {
    const analysis = reader.analyse(made.tasks);
    return made.tasks.map((task) => reader.asRead(analysis.late(task)).map(({ path }) => path));
  };
  const first = await made.open();
  found(first, made.tasks);
  assertEquals(late(first), [[made.file("more.ts"), made.file("deep.ts")], []]);
  first.remember();
  assertEquals(late(sealed(await made.open())), late(first));
});

const CHANGES: Readonly<Record<string, (file: (name: string) => string) => void>> = {
  "an edit of the same size": (file) => {
    const { atimeMs, mtimeMs } = fs.statSync(file("lib.ts"));
    // Written anew as editors do, with the old times.
    fs.writeFileSync(file("lib.new"), "export const twice = (n: number) => 3 * n;\n");
    fs.utimesSync(file("lib.new"), atimeMs / 1_000, mtimeMs / 1_000);
    fs.renameSync(file("lib.new"), file("lib.ts"));
  },
  "an edit of another size": (file) => fs.appendFileSync(file("lib.ts"), "twice(3);\n"),
  "a touch": (file) => fs.utimesSync(file("lib.ts"), 5, 5),
  "a file that was missing": (file) => fs.writeFileSync(file("table.json"), "[1]"),
  "a file that is gone": (file) => fs.rmSync(file("lib.ts")),
};
for (const [what, change] of Object.entries(CHANGES)) {
  Deno.test(`what is remembered is not used after ${what}`, async () => {
    using made = project();
    const first = await made.open();
    const before = found(first, made.tasks);
    first.remember();
    change(made.file);
    const after = found(await made.open(), made.tasks);
    assertEquals(after, await analysed(made.tasks));
    if (what !== "a touch") assertNotEquals(after, before);
  });
}

Deno.test("what is remembered of other tasks, or of the same in other places, is not used", async () => {
  using made = project();
  const first = await made.open();
  found(first, made.tasks);
  first.remember();
  const [one, two] = made.tasks;
  const moved = { ...one!, frames: [{ ...one!.frames[0]!, line: 5 }] };
  for (const tasks of [[one!], [two!, one!], [moved, two!]]) {
    assertEquals(found(await made.open({}, tasks), tasks), await analysed(tasks));
  }
});

Deno.test("what is remembered is not used when a bare name has got another meaning", async () => {
  using made = project();
  const first = await made.open();
  const codes = found(first, made.tasks);
  first.remember();
  const memory = readMemory(made.memory)!;
  const wrong = new Map([...memory.found].map(([task, code]) => [task, { ...code, digest: "wrong" }]));
  for (const [meant, used] of [[undefined, true], [`file://${made.file("lib.ts")}`, false]] as const) {
    const bare = new Map([["a-name-that-no-import-map-has", meant]]);
    writeMemory(made.memory, { ...memory, bare, found: wrong }, LATER);
    const digests = (found(await made.open(), made.tasks) as [string, unknown][]).map(([digest]) => digest);
    assertEquals(
      digests,
      used ? ["wrong", "wrong"] : (codes as [string, unknown][]).map(([digest]) => digest),
    );
  }
});

Deno.test("a damaged memory is none, wherever the damage is", async () => {
  using made = project();
  const first = await made.open();
  const codes = found(first, made.tasks);
  first.remember();
  const text = fs.readFileSync(made.memory, "utf8");
  assert(readMemory(made.memory) !== undefined);
  for (let at = 0; at < text.length; at += 7) {
    fs.writeFileSync(made.memory, text.slice(0, at));
    assertEquals(readMemory(made.memory), undefined);
    fs.writeFileSync(made.memory, `${text.slice(0, at)}~${text.slice(at + 1)}`);
    assertEquals(readMemory(made.memory), undefined);
  }
  assertEquals(found(await made.open(), made.tasks), codes);
});

Deno.test("files that changed a moment ago are not relied on", async () => {
  using made = project();
  for (const now of [Date.now() - 5_000, Date.now()]) {
    const reader = await made.open({ now });
    found(reader, made.tasks);
    reader.remember();
    assert(!fs.existsSync(made.memory));
  }
  // A time of change in the future is no better, however often it is seen.
  fs.utimesSync(made.file("lib.ts"), LATER / 1_000 + 9, LATER / 1_000 + 9);
  const reader = await made.open();
  found(reader, made.tasks);
  reader.remember();
  assert(!fs.existsSync(made.memory));
});

Deno.test("a file that changes between two looks at it is not remembered", async () => {
  using made = project();
  const reader = await made.open();
  found(reader, made.tasks);
  fs.appendFileSync(made.file("lib.ts"), "twice(3);\n");
  found(reader, made.tasks);
  reader.remember();
  assert(!fs.existsSync(made.memory));
});

Deno.test("in a folder that may only be read memory is used and not written", async () => {
  using made = project();
  const first = await made.open({ writable: false });
  const codes = found(first, made.tasks);
  first.remember();
  assert(!fs.existsSync(made.memory));
  const second = await made.open();
  found(second, made.tasks);
  second.remember();
  const before = mark(made.memory);
  assertEquals(found(sealed(await made.open({ writable: false })), made.tasks), codes);
  assertEquals(mark(made.memory), before);
});

Deno.test("memory grows by the tasks that are asked for", async () => {
  using made = project();
  const [one, two] = made.tasks;
  const first = await made.open({ asked: (task) => task === 0 });
  found(first, made.tasks, [one!]);
  first.remember();
  assertEquals(readMemory(made.memory)?.found.size, 1);
  sealed(await made.open({ asked: (task) => task === 0 })).analyse(made.tasks).digest(one!);
  const second = await made.open();
  found(second, made.tasks, [two!]);
  second.remember();
  assertEquals(found(sealed(await made.open()), made.tasks), await analysed(made.tasks));
});

Deno.test("a task that comes up too late for the analysis never passes for one that is known", async () => {
  using made = project();
  const first = await made.open();
  const codes = found(first, made.tasks);
  first.remember();
  const late: TaskSource = { name: "late", fallback: "() => 1", frames: [] };
  const digests = [1, 2].map(() => async () => {
    const reader = await made.open();
    return reader.analyse([...made.tasks, late]).digest(late);
  });
  const [one, two] = [await digests[0]!(), await digests[1]!()];
  assertNotEquals(one, two);
  assertEquals(found(await made.open(), made.tasks), codes);
});
