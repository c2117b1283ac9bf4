/** The files of a run, on the main thread: what tasks read is found and marked, what they made is looked after. */
import type { Files, FoundFiles, OpenFiles, OtherOutputs, Restored } from "../../model/file_ports.ts";
import {
  type FileRules,
  type InputRule,
  type OutputRule,
  plainPath,
  type SeenFile,
  type StoredFile,
  type Trigger,
} from "../../model/files.ts";
import { outputsSignature } from "../../model/stored_outputs.ts";
import { type Look, look } from "../../runtime/look.ts";
import { scratchName } from "../owner.ts";
import { Blobs, digestIndexFile } from "./blobs.ts";
import { DigestIndex } from "./digest_index.ts";
import { Imports } from "./imports.ts";
import { Ghosts } from "./ghosts.ts";
import { absentText, Expansion } from "./inputs.ts";
import { Known } from "./known.ts";
import { mayHoldMore, PriorOutputs } from "./prior.ts";
import { restoreOutputs, type RestoreTools } from "./restore.ts";
import { Sight } from "./sight.ts";
import { byText, isGlob, sorted, Spelling } from "./spelling.ts";

/** So many new digests are written at once, so that a crash costs little. */
const FLUSH = 20_000;
const NONE: readonly string[] = [];

/** Opens the files of a run. Await `prepareGlobs()` before they are used. */
export const openFiles: OpenFiles = ({ cache, writable, cwd }) => new RunFiles(cache, writable, cwd);

class RunFiles implements Files {
  private readonly spelling: Spelling;
  private readonly digests: DigestIndex;
  private readonly sight: Sight;
  private readonly imports: Imports;
  private readonly tools: RestoreTools;
  private readonly notes: string[] = [];
  private readonly known: Known;
  /** What a dry run would have brought back. */
  private readonly ghosts = new Ghosts();

  constructor(cache: string | undefined, private readonly writable: boolean, cwd: string) {
    this.spelling = new Spelling(cwd);
    const folder = cache === undefined ? undefined : this.spelling.full(this.spelling.shown(cache));
    this.digests = new DigestIndex(
      folder === undefined ? undefined : digestIndexFile(folder),
      this.spelling.cwd,
    );
    this.sight = new Sight(this.spelling, this.digests, folder);
    this.imports = new Imports(this.spelling);
    this.known = new Known(this.spelling);
    this.tools = {
      spelling: this.spelling,
      digests: this.digests,
      blobs: folder === undefined ? undefined : new Blobs(folder),
      writable: writable ? folder : undefined,
      warn: (text) => this.notes.push(text),
    };
  }

  find(rules: FileRules): FoundFiles {
    const found = this.findNow(rules);
    return this.ghosts.none ? found : this.ghosts.appear(found, rules, this.spelling);
  }

  private findNow(rules: FileRules): FoundFiles {
    const files: SeenFile[] = [];
    const problems: string[] = [];
    if (rules.ignore.length > 0 || rules.trackImports || !this.findPlain(rules, files, problems)) {
      return this.findAll(rules);
    }
    return { files: files.length > 1 ? sorted(files, this.spelling) : files, problems, roots: NONE };
  }

  /** Looks at files that are all named one by one; `false` when there is more to the rules. */
  private findPlain({ inputs, trigger, plain }: FileRules, files: SeenFile[], problems: string[]): boolean {
    for (let index = 0; index < inputs.length; index++) {
      const rule: InputRule = inputs[index]!;
      if (!plain && (typeof rule !== "string" || rule.charCodeAt(0) === 33 || isGlob(rule))) return false;
      const path = plain ? plainPath(rule) : this.spelling.shown(plainPath(rule));
      const known = this.known.recall(path, trigger);
      if (known !== undefined) {
        files.push(known);
        continue;
      }
      const found = this.lookAt(path, problems);
      if (found === null) continue;
      if (found !== undefined && found.kind !== "file") return false;
      this.take(path, found, trigger, files, problems);
    }
    return true;
  }

  private findAll(rules: FileRules): FoundFiles {
    const { paths, problems: wrong, roots, folders, shared, empty } = new Expansion(
      this.sight,
      this.known.listings,
      rules,
    )
      .expand();
    const files: SeenFile[] = [];
    const problems = [...wrong];
    const all = rules.trackImports ? [...paths, ...this.reached(paths, rules)] : paths;
    for (const path of all) {
      const known = this.known.recall(path, rules.trigger);
      if (known !== undefined) files.push(known);
      else {
        const found = this.lookAt(path, problems);
        if (found !== null) this.take(path, found, rules.trigger, files, problems);
      }
    }
    return {
      files: sorted(files, this.spelling),
      problems,
      roots,
      ...(folders.length > 0 && { folders }),
      ...(shared.length > 0 && { shared }),
      ...(empty.length > 0 && { empty }),
    };
  }

  /** What input modules import, without what is ignored. */
  private reached(paths: ReadonlySet<string>, { ignore }: FileRules): readonly string[] {
    const reached = this.imports.reach(paths);
    if (ignore.length === 0 || reached.length === 0) return reached;
    const kept = new Expansion(this.sight, this.known.listings, { inputs: reached.map(asLiteral), ignore })
      .expand();
    return [...kept.paths];
  }

  /** Looks at a path; `null` when that is a problem of its own. */
  private lookAt(path: string, problems: string[]): Look | undefined | null {
    try {
      return look(this.spelling.full(path), true);
    } catch (error) {
      problems.push(`input file ${path} cannot be read: ${(error as Error).message}`);
      return null;
    }
  }

  private take(
    path: string,
    found: Look | undefined,
    trigger: Trigger,
    files: SeenFile[],
    problems: string[],
  ): void {
    try {
      const file = found?.kind === "file" ? this.sight.file(path, found, trigger) : undefined;
      if (file === undefined) problems.push(absentText(path));
      else {
        files.push(file);
        this.known.saw(file);
      }
    } catch (error) {
      problems.push(`input file ${path} cannot be read: ${(error as Error).message}`);
    }
  }

  restore(
    stored: readonly StoredFile[],
    rules: readonly OutputRule[],
    dry: boolean,
    others?: OtherOutputs,
  ): Restored {
    const restored = restoreOutputs(stored, rules, dry, this.tools);
    if (restored.kind !== "unable" && others !== undefined) this.clear(stored, rules, dry, others);
    if (restored.kind === "restored") {
      if (dry) this.ghosts.add(stored, restored.paths);
      else for (const path of restored.paths) this.known.forget(path);
    }
    return restored;
  }

  /** Takes away what other results of a call have left among its outputs: readers of the folder would take it for this one's. */
  private clear(
    stored: readonly StoredFile[],
    rules: readonly OutputRule[],
    dry: boolean,
    { entries, spared }: OtherOutputs,
  ): void {
    const { blobs, writable } = this.tools;
    if (writable === undefined && !dry || !mayHoldMore(stored, rules)) return;
    const aside = dry ? undefined : () => `${writable}/tmp/${scratchName("stray")}`;
    const all = [...stored.map(({ path }) => path), ...spared];
    const prior = PriorOutputs.of(rules, entries, all, {
      sight: this.sight,
      blobs,
      aside,
      alone: () => true,
    });
    for (const path of prior?.own ?? []) {
      if (dry) this.ghosts.remove(path);
      else this.known.forget(path);
    }
    prior?.done();
  }

  signature(rules: readonly OutputRule[], plain = false): string {
    const files: StoredFile[] = [];
    for (const rule of rules) {
      const path = plain ? plainPath(rule) : this.literal(rule);
      if (path === undefined) return "";
      const found = look(this.spelling.full(path), false);
      const digest = found?.kind === "file" ? this.digests.find(path, found) : undefined;
      if (digest === undefined) return "";
      files.push({ kind: "file", path, digest, size: found!.size, mode: found!.mode });
    }
    if (files.length > 1) files.sort((a, b) => byText(a.path, b.path));
    return outputsSignature(files);
  }

  /** The path of an output that is named itself, and may have any age. */
  private literal(rule: OutputRule): string | undefined {
    if (typeof rule !== "string" && rule.maxAge !== undefined) return undefined;
    const text = typeof rule === "string" ? rule : rule.path;
    return text.charCodeAt(0) === 33 || isGlob(text) ? undefined : this.spelling.shown(text);
  }

  note(files: readonly SeenFile[]): void {
    for (const file of files) {
      if (file.mark === "" || file.digest === "") continue;
      this.digests.add(file.path, file);
      this.known.heard(file);
    }
    if (this.digests.pending >= FLUSH) this.flush();
  }

  mark(path: string, trigger: Trigger): string {
    const shown = this.spelling.shown(path);
    const ghost = this.ghosts.mark(shown, trigger);
    if (ghost !== undefined) return ghost;
    const known = this.known.recall(shown, trigger);
    if (known !== undefined) return known.mark;
    const seen = this.sight.see(shown, trigger);
    if (seen.at > 0) this.known.saw(seen);
    return seen.mark;
  }

  trust(watched: boolean): void {
    this.known.watch(watched);
  }

  changed(paths: readonly string[]): void {
    this.known.changed(paths);
  }

  isConcerned(): boolean {
    return false;
  }

  close(): void {
    this.flush();
  }

  warnings(): readonly string[] {
    return this.notes.splice(0);
  }

  private flush(): void {
    if (!this.writable) return;
    try {
      this.digests.flush();
    } catch (error) {
      // A full disk was noticed by whoever had results to store.
      if ((error as { code?: string }).code === "ENOSPC") return;
      this.notes.push(
        `the index of files could not be written (${
          (error as Error).message
        }); files are read again the next time`,
      );
    }
  }
}

function asLiteral(path: string): InputRule {
  return { path };
}
