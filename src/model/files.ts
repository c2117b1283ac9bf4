/** Files that tasks read and write, as they are declared: names, globs and rules, before anything is looked at. */

/** A file, folder or glob among a task's `inputs`; relative paths are meant from the working folder. */
export interface InputFile {
  /** The path or glob; a folder stands for all files below it. */
  readonly path: string;
  /** It may be absent; default `false`. */
  readonly optional?: boolean;
}

/** Every file below a folder whose path, from that folder on and with `/` between its parts, fits a pattern. */
export interface RegexFiles {
  /** The folder. */
  readonly root: string;
  /** What the path must match somewhere. */
  readonly pattern: RegExp;
}

/** A file, folder or glob among a task's `outputs`. */
export interface OutputFile {
  /** The path or glob. */
  readonly path: string;
  /** The oldest it may be, in milliseconds since it was last written: an older one is made anew. */
  readonly maxAge?: number;
  /**
   * The task finds what its earlier attempts wrote, and what is there when it ends is its output, whoever wrote it; default
   * `false`: a task begins without its earlier outputs.
   */
  readonly precious?: boolean;
}

/** One rule for input files: a path, folder or glob; with `!` before it, what is left out again. */
export type InputRule = string | InputFile | RegexFiles;

/** One rule for output files. */
export type OutputRule = string | OutputFile;

/** A rule, or a function of the input that gives rules; lists may hold both. */
export type Rules<Rule, Input> =
  | Rule
  | ((input: Input) => Rule | readonly Rule[])
  | readonly (Rule | ((input: Input) => Rule | readonly Rule[]))[];

/**
 * What makes an input file a changed one: its bytes (`"content"`, the default), its time of change, both, or only whether it
 * is there.
 */
export type Trigger = "content" | "mtime" | "both" | "exists";

/** The rules of one call, with functions called. */
export interface FileRules {
  /** The input files. */
  readonly inputs: readonly InputRule[];
  /** What is never an input. */
  readonly ignore: readonly string[];
  /** The output files. */
  readonly outputs: readonly OutputRule[];
  /** What counts as a change of an input. */
  readonly trigger: Trigger;
  /** Local modules that input modules import are inputs too. */
  readonly trackImports: boolean;
  /** They were found to be plain: see {@link arePlain}. So are nearly all of a large run, and that is found once. */
  readonly plain?: true;
}

/** A path that means more than one file, or may be written in another way. */
const ODD = /[*?[\]{}()!]|(?:^|\/)\.{0,2}(?:\/|$)/;

const PATTERN = /^!|[*?[\]{}()]/;

/** Whether all there is are paths below the working folder that mean what they say: no globs, no exceptions, no idle parts. */
export function arePlain({ inputs, ignore, outputs, trackImports }: FileRules): boolean {
  return !trackImports && ignore.length === 0 && allPlain(inputs) && allPlain(outputs);
}

function allPlain(rules: readonly (InputRule | OutputRule)[]): boolean {
  for (const rule of rules) if (typeof rule !== "string" || ODD.test(rule)) return false;
  return true;
}

/** Whether a rule may mean other files than the one it names, or leaves files out: libraries are needed to tell which. */
export function mayBePattern(rule: InputRule | OutputRule): boolean {
  return PATTERN.test(typeof rule === "string" ? rule : "path" in rule ? rule.path : "");
}

/** A path as it is in plain rules: of one that is, the type says that it is more. */
export function plainPath(rule: InputRule | OutputRule): string {
  return rule as string;
}

/** A file as it was found: enough to notice that it was changed since. Times in milliseconds with fractions. */
export interface SeenFile {
  /** The path as validities and people see it: relative to the working folder, with `/`. */
  readonly path: string;
  /** What validities hold of it: the digest of its bytes, its time, or that it is there, depending on the trigger. */
  readonly mark: string;
  /** SHA-256 of its bytes; empty when nobody asked for them. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** Time of the last change of its bytes. */
  readonly mtime: number;
  /** Time of the last change of anything about it. */
  readonly ctime: number;
  /** The file system's number for it. */
  readonly inode: number;
  /** When it was looked at, right before its bytes were read: a file that had changed just then may have changed once more. */
  readonly at: number;
}

/** An output as an entry of the cache holds it. */
export type StoredFile =
  | {
    readonly kind: "file";
    readonly path: string;
    readonly digest: string;
    readonly size: number;
    /** Permission bits. */
    readonly mode: number;
  }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "folder"; readonly path: string; readonly mode: number };
