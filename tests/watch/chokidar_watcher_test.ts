/** The real watcher on a real file system: tests wait for what it tells. */
import fs from "node:fs";
import { assert, assertEquals } from "@std/assert";
import { chokidarWatcher } from "../../src/watch/chokidar_watcher.ts";
import type { Watcher, WatchSet } from "../../src/watch/watcher.ts";
import { until } from "../support/files.ts";
import { tempFolder } from "../support/temp.ts";

/** A folder that is watched. */
class Heard implements AsyncDisposable {
  readonly told = new Set<string>();
  readonly warnings: string[] = [];
  lost = false;
  readonly folder: string;
  private readonly temp = tempFolder();
  private readonly watcher: Watcher;

  constructor(poll = false) {
    this.folder = fs.realpathSync(this.temp.path);
    this.watcher = chokidarWatcher(poll)(
      (paths, lost = false) => {
        for (const path of paths) this.told.add(path.slice(this.folder.length + 1));
        this.lost ||= lost;
      },
      (text) => this.warnings.push(text),
    );
  }

  async watch(
    set: { readonly files?: readonly string[]; readonly trees?: readonly string[] },
  ): Promise<void> {
    const full = (paths: readonly string[] = []) => new Set(paths.map((path) => `${this.folder}/${path}`));
    const wanted: WatchSet = {
      files: full(set.files),
      trees: full(set.trees),
      ignored: [`${this.folder}/tree/.cache`],
    };
    await this.watcher.watch(wanted);
  }

  write(path: string, text: string): void {
    const full = `${this.folder}/${path}`;
    fs.mkdirSync(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    fs.writeFileSync(full, text);
  }

  rename(from: string, to: string): void {
    fs.renameSync(`${this.folder}/${from}`, `${this.folder}/${to}`);
  }

  remove(path: string): void {
    fs.rmSync(`${this.folder}/${path}`, { recursive: true });
  }

  /** Waits until paths are told, and forgets all that were. */
  async hears(...paths: readonly string[]): Promise<void> {
    await until(`${paths.join(", ")} to be told`, () => paths.every((path) => this.told.has(path)));
    this.told.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watcher.close();
    this.temp[Symbol.dispose]();
  }
}

// The runtime's own watchers end a moment after they were closed.
const real = { sanitizeOps: false, sanitizeResources: false };

for (const poll of [false, true]) {
  const how = poll ? "by polling" : "as the system tells";
  Deno.test(
    `single files ${how}: written, removed, made, saved by renaming; others are not told`,
    real,
    async () => {
      await using heard = new Heard(poll);
      heard.write("src/a.txt", "a");
      heard.write("src/other.txt", "o");
      await heard.watch({ files: ["src/a.txt", "src/not yet.txt", "no/folder/yet.txt"] });
      heard.write("src/other.txt", "other");
      heard.write("src/a.txt", "longer");
      await until("src/a.txt", () => heard.told.has("src/a.txt"));
      assert(!heard.told.has("src/other.txt"));
      await heard.hears("src/a.txt");
      heard.write("src/a.tmp", "aside, and longer still");
      heard.rename("src/a.tmp", "src/a.txt");
      await heard.hears("src/a.txt");
      heard.write("src/a.txt", "after the saving");
      await heard.hears("src/a.txt");
      heard.remove("src/a.txt");
      await heard.hears("src/a.txt");
      heard.write("src/a.txt", "again");
      await heard.hears("src/a.txt");
      heard.write("src/not yet.txt", "now");
      await heard.hears("src/not yet.txt");
      heard.write("no/folder/yet.txt", "now");
      await heard.hears("no/folder/yet.txt");
    },
  );

  Deno.test(
    `folders ${how}: new files, folders renamed and removed, links; what is ignored is not told`,
    real,
    async () => {
      await using heard = new Heard(poll);
      heard.write("tree/a.txt", "a");
      heard.write("tree/deep/b.txt", "b");
      heard.write("outside.txt", "x");
      await heard.watch({ trees: ["tree"] });
      heard.write("tree/.cache/x", "ignored");
      heard.write("tree/new/er/c.txt", "c");
      await until("the new file", () => heard.told.has("tree/new/er/c.txt"));
      assertEquals([...heard.told].filter((path) => path.includes(".cache")), []);
      heard.told.clear();
      heard.rename("tree/deep", "tree/shallow");
      await heard.hears("tree/shallow/b.txt", "tree/deep/b.txt");
      heard.write("tree/shallow/b.txt", "longer");
      await heard.hears("tree/shallow/b.txt");
      fs.symlinkSync("../outside.txt", `${heard.folder}/tree/link.txt`);
      // Deno 2.9 tells nothing of a link that is made, only of one that goes.
      if (poll) await heard.hears("tree/link.txt");
      heard.remove("tree/shallow");
      await heard.hears("tree/shallow/b.txt");
    },
  );
}

Deno.test(
  "a set that changes: what is new is watched, what is not wanted any more is not told",
  real,
  async () => {
    await using heard = new Heard();
    heard.write("a.txt", "a");
    heard.write("b.txt", "b");
    heard.write("tree/c.txt", "c");
    await heard.watch({ files: ["a.txt"] });
    await heard.watch({ files: ["b.txt"], trees: ["tree"] });
    heard.write("a.txt", "longer");
    heard.write("b.txt", "longer");
    heard.write("tree/c.txt", "longer");
    await until("both", () => heard.told.has("b.txt") && heard.told.has("tree/c.txt"));
    assert(!heard.told.has("a.txt"));
  },
);

Deno.test(
  "a branch is switched: ten thousand files at once are told, or that not all could be",
  real,
  async () => {
    await using heard = new Heard();
    const names = Array.from({ length: 10_000 }, (_, index) => `tree/${index % 50}/${index}.txt`);
    for (const name of names) heard.write(name, "before");
    await heard.watch({ files: names });
    // As git does: each is removed and made anew.
    for (const name of names) {
      heard.remove(name);
      heard.write(name, "after the switch");
    }
    await until("all to be told", () => heard.lost || names.every((name) => heard.told.has(name)));
  },
);

for (
  const [files, trees] of [
    [[], ["ext", "link", "tree"]],
    [["link/a.txt", "link/deep/b.txt"], ["ext"]],
    [["tree/inner/a.txt", "tree/inner/deep/b.txt"], ["ext", "tree"]],
    [["ext/a.txt", "link/a.txt", "ext/deep/b.txt", "link/deep/b.txt"], []],
  ] as const
) {
  const both = [...files, ...trees].join(", ");
  Deno.test(
    `a folder that is watched by itself and through links is told by all names: ${both}`,
    real,
    async () => {
      await using heard = new Heard();
      heard.write("ext/a.txt", "a");
      heard.write("ext/deep/b.txt", "b");
      heard.write("tree/x.txt", "x");
      fs.symlinkSync("ext", `${heard.folder}/link`);
      fs.symlinkSync("../ext", `${heard.folder}/tree/inner`);
      await heard.watch({ files, trees });
      const folders = ["ext", "link", "tree/inner"];
      const fits = (path: string): boolean =>
        ([...files] as string[]).includes(path) || trees.some((tree) => path.startsWith(`${tree}/`));
      for (const [round, name] of ["a.txt", "deep/b.txt", "a.txt"].entries()) {
        heard.write(`ext/${name}`, `longer by ${"x".repeat(round)}`);
        await heard.hears(...folders.map((folder) => `${folder}/${name}`).filter(fits));
        assertEquals(heard.warnings, []);
      }
    },
  );
}
