/** After any edits, at any moment, what lies there is what a clean build makes. */
import fs from "node:fs";
import { assertEquals } from "@std/assert";
import { wireRun } from "../../src/wire.ts";
import { everything, gate, NAMES } from "../fixtures/watched.ts";
import { treeOf } from "../support/files.ts";
import { tempFolder } from "../support/temp.ts";
import { ENTRY, Watched } from "./support.ts";

const EDITS = 1_000;

/** Numbers that look like chance, and are the same each time. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor(state / 4_294_967_296 * below);
  };
}

/** One edit of the tree; gives the paths that a watcher would tell of. */
function edit(pick: (below: number) => number, text: string): readonly string[] {
  const sources = [
    ...NAMES.map((name) => `src/${name}.txt`),
    "src/deep/x.txt",
    "src/deep/y.txt",
    "src/left out/z.txt",
    "extra/note.txt",
  ];
  const outputs = [...["all", ...NAMES].map((name) => `out/${name}.txt`), "dist/copy.txt"];
  const path = sources[pick(sources.length)]!;
  const other = sources[pick(sources.length)]!;
  const output = outputs[pick(outputs.length)]!;
  const write = (at: string, what: string): readonly string[] => {
    fs.mkdirSync(at.slice(0, at.lastIndexOf("/")), { recursive: true });
    fs.writeFileSync(at, what);
    return [at];
  };
  switch (pick(10)) {
    case 0:
    case 1:
      return write(path, text);
    case 2: // A revert, to one of a few texts.
      return write(path, `text ${pick(3)}`);
    case 3:
      fs.rmSync(path, { force: true });
      return [path];
    case 4: {
      if (!fs.existsSync(path)) return [];
      fs.mkdirSync(other.slice(0, other.lastIndexOf("/")), { recursive: true });
      fs.renameSync(path, other);
      return [path, other];
    }
    case 5: {
      if (!fs.existsSync(path)) return [];
      fs.utimesSync(path, new Date(), new Date(Date.now() - pick(100_000)));
      return [path];
    }
    case 6: // An atomic save.
      write(`${path}.tmp`, text);
      fs.renameSync(`${path}.tmp`, path);
      return [`${path}.tmp`, path];
    case 7: {
      if (!fs.existsSync("src/deep")) return [];
      fs.rmSync("src/moved", { recursive: true, force: true });
      fs.renameSync("src/deep", "src/moved");
      return ["src/deep", "src/moved"];
    }
    case 8:
      return fs.existsSync(output) ? write(output, "by hand") : [];
    default:
      fs.rmSync(output, { force: true });
      return [output];
  }
}

/** What a clean build makes of the sources there are now. */
async function cleanBuild(sources: string): Promise<Record<string, string>> {
  using temp = tempFolder();
  for (const name of ["src", "extra"]) {
    if (fs.existsSync(`${sources}/${name}`)) {
      fs.cpSync(`${sources}/${name}`, `${temp.path}/${name}`, { recursive: true });
    }
  }
  Deno.chdir(temp.path);
  try {
    await wireRun(ENTRY)(everything, { cache: "none", history: false });
    return outputsOf(temp.path);
  } finally {
    Deno.chdir(sources);
  }
}

function outputsOf(folder: string): Record<string, string> {
  return { ...treeOf(`${folder}/out`), ...treeOf(`${folder}/dist`) };
}

for (const seed of [1, 2]) {
  Deno.test(`${EDITS / 2} edits in flocks, some while a run is under way (seed ${seed})`, async () => {
    const pick = chance(seed);
    await using watch = await Watched.open({ "src/a.txt": "a" }, everything);
    const edits = (count: number): void => {
      for (let one = 0; one < count; one++) {
        done++;
        const paths = edit(pick, `edit ${done}`).map((path) => watch.full(path));
        // Watchers tell of an edit at once, or of several together.
        late.push(...paths);
        if (pick(3) > 0) watch.watcher.tell(...late.splice(0));
      }
    };
    const late: string[] = [];
    let done = 0;
    while (done < EDITS / 2) {
      const moment = pick(4);
      // In the middle of a task, which may have read its files already.
      gate.pass = () => {
        if (pick(4) !== moment) return;
        gate.pass = () => {};
        edits(1 + pick(3));
        return new Promise((go) => setTimeout(go, pick(2)));
      };
      edits(1 + pick(5));
      watch.watcher.tell(...late.splice(0));
      await watch.settled();
      gate.pass = () => {};
      watch.watcher.tell(...late.splice(0));
      await watch.settled();
      assertEquals(watch.last.error, undefined);
      assertEquals(outputsOf(watch.folder), await cleanBuild(watch.folder), `after ${done} edits`);
    }
  });
}
