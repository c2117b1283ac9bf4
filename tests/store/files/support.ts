/** A folder with files, a cache in it, and a clock that can be set ahead: the change time of a file cannot be set back. */
import fs from "node:fs";
import { assertEquals } from "@std/assert";
import type { Files, HostFiles, Restored } from "../../../src/model/file_ports.ts";
import type { FileRules, OutputRule, SeenFile, StoredFile } from "../../../src/model/files.ts";
import { openFiles } from "../../../src/store/files/files.ts";
import { prepareGlobs } from "../../../src/store/files/globs.ts";
import { openHostFiles } from "../../../src/store/files/host_files.ts";
import { digestOf } from "../../../src/model/digest.ts";
import { tempFolder } from "../../support/temp.ts";

await prepareGlobs();

/** A digest that no file here has. */
export const FALSE_DIGEST = "f".repeat(64);

/** A working folder with a cache. */
export class Place implements Disposable {
  private readonly temp = tempFolder();
  readonly cwd = `${this.temp.path}/work`;
  readonly cache = `${this.cwd}/.runner/cache`;
  private asides = 0;

  constructor(files: Readonly<Record<string, string>> = {}) {
    fs.mkdirSync(`${this.cache}/tmp`, { recursive: true });
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  /** The files of a run; each call is another process, as it were. */
  run(options: { readonly writable?: boolean; readonly cache?: string | undefined } = {}): Files {
    const cache = "cache" in options ? options.cache : this.cache;
    return openFiles({ cache, writable: options.writable ?? true, cwd: this.cwd });
  }

  /** The files of a host. */
  host(cache: string | undefined = this.cache): HostFiles {
    return openHostFiles({ cache, aside: () => `${this.cache}/tmp/aside-${this.asides++}`, cwd: this.cwd });
  }

  full(path: string): string {
    return path.startsWith("/") ? path : `${this.cwd}/${path}`;
  }

  write(path: string, text: string): void {
    const full = this.full(path);
    fs.mkdirSync(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    fs.writeFileSync(full, text);
  }

  read(path: string): string {
    return fs.readFileSync(this.full(path), "utf8");
  }

  link(path: string, target: string): void {
    fs.symlinkSync(target, this.full(path));
  }

  remove(path: string): void {
    fs.rmSync(this.full(path), { recursive: true, force: true });
  }

  /** Takes outputs into the cache; fails when they are not there. */
  collect(rules: readonly OutputRule[], level = 6): readonly StoredFile[] {
    const collected = this.host().collect(rules, level);
    if (collected.kind === "absent") throw new Error(`missing: ${collected.missing}, old: ${collected.old}`);
    if (collected.unkept !== undefined) throw collected.unkept;
    return collected.stored;
  }

  [Symbol.dispose](): void {
    this.temp[Symbol.dispose]();
  }
}

/** Sets the clock ahead until it is disposed. */
export function ahead(millis: number): Disposable {
  const { now } = Date;
  Date.now = () => now.call(Date) + millis;
  return { [Symbol.dispose]: () => void (Date.now = now) };
}

/** Rules, with what is not given left at its default. */
export function rules(given: Partial<FileRules>): FileRules {
  return { inputs: [], ignore: [], outputs: [], trigger: "content", trackImports: false, ...given };
}

/** The paths that input rules find; a problem fails. */
export function paths(files: Files, given: Partial<FileRules>): string[] {
  const { files: found, problems } = files.find(rules(given));
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return found.map(({ path }) => path);
}

/** The one file that a rule finds. */
export function one(files: Files, path: string, trigger: FileRules["trigger"] = "content"): SeenFile {
  const { files: found, problems } = files.find(rules({ inputs: [path], trigger }));
  if (found.length !== 1) throw new Error(`${found.length} files: ${problems.join()}`);
  return found[0]!;
}

/** The digest of a text. */
export const digest: (text: string) => string = digestOf;

/** Everything below a folder as text: kinds, modes, targets, bytes. */
export function picture(folder: string): string {
  const lines: string[] = [];
  const enter = (full: string, shown: string) => {
    for (const name of fs.readdirSync(full).sort()) {
      const path = `${full}/${name}`, stat = fs.lstatSync(path);
      const mode = (stat.mode & 0o777).toString(8);
      if (stat.isSymbolicLink()) lines.push(`${shown}${name} -> ${fs.readlinkSync(path)}`);
      else if (stat.isDirectory()) {
        lines.push(`${shown}${name}/ ${mode}`);
        enter(path, `${shown}${name}/`);
      } else lines.push(`${shown}${name} ${mode} ${digestOf(fs.readFileSync(path))}`);
    }
  };
  enter(folder, "");
  return lines.join("\n");
}

/** Where the bytes of a text lie in the cache. */
export const blobFile = (place: Place, text: string): string =>
  `${place.cache}/blobs/${digest(text).slice(0, 2)}/${digest(text).slice(2)}.gz`;

/** Restores in another process, after a dry run has said the same and touched nothing. */
export function restore(place: Place, stored: readonly StoredFile[], rules: readonly OutputRule[]): Restored {
  const before = picture(place.cwd);
  const dry = place.run({ writable: false }).restore(stored, rules, true);
  assertEquals(picture(place.cwd), before);
  const real = place.run().restore(stored, rules, false);
  assertEquals(dry, real);
  return real;
}
