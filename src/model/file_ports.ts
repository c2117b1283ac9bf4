/** What a run and its hosts need of the file system: the ports between tasks that declare files and the store. */
import type { Cause } from "./cause.ts";
import type { FileRules, OutputRule, SeenFile, StoredFile, Trigger } from "./files.ts";

/** The input files of a call. */
export interface FoundFiles {
  /** The files, sorted by path, each once. */
  readonly files: readonly SeenFile[];
  /** What is wrong: files that are absent and not optional, folders that are absent, files that cannot be read. */
  readonly problems: readonly string[];
  /** What to watch besides the files themselves: folders, globs, and the paths of optional files that are absent. */
  readonly roots: readonly string[];
  /** Folders that are named themselves. */
  readonly folders?: readonly string[];
  /** Files that patterns of inputs and of outputs both mean: they are no inputs, and nobody takes them away. */
  readonly shared?: readonly string[];
  /** Globs that no file fits, though none of them is optional. */
  readonly empty?: readonly string[];
}

/** What became of the outputs of an entry. */
export type Restored =
  /** They were there, as they were made. */
  | { readonly kind: "intact" }
  /** They are there again; or, in a dry run, they could be brought back. */
  | { readonly kind: "restored"; readonly paths: readonly string[] }
  /** Some cannot be brought back: the task has to run. */
  | { readonly kind: "unable"; readonly causes: readonly Cause[] };

/** What is known of files that lie where a call's outputs do. */
export interface OtherOutputs {
  /** The outputs of all entries of the call, the newest first. */
  readonly entries: () => Iterable<readonly StoredFile[]>;
  /** What is never taken away. */
  readonly spared: readonly string[];
}

/** Files as seen by a run; on the main thread, and synchronous. */
export interface Files {
  /** Finds the input files of rules and marks them, as `rules.trigger` says. */
  find(rules: FileRules): FoundFiles;
  /**
   * Whether the outputs of an entry are on disk as they were made; brings back what is not. `dry` decides the same and touches
   * nothing. An output with a `maxAge` is never brought back, since the age of what the cache holds is not known. What other
   * entries of the call have left in folders of its outputs is taken away.
   */
  restore(
    stored: readonly StoredFile[],
    rules: readonly OutputRule[],
    dry: boolean,
    others?: OtherOutputs,
  ): Restored;
  /**
   * What the outputs of a call are now, if they are plain files named one by one that were all read before: equal to the
   * signature of an entry when they are as that has them. Empty otherwise; then `restore` tells. `plain` says that the rules are.
   */
  signature(rules: readonly OutputRule[], plain?: boolean): string;
  /** Takes in what hosts have seen, so that it need not be read again. */
  note(files: readonly SeenFile[]): void;
  /** The mark of a file or folder as it is now; empty when it is absent. */
  mark(path: string, trigger: Trigger): string;
  /**
   * From now on an input file that is seen is taken to stay as it is until `changed` names it: somebody watches. What was seen
   * before counts for nothing, since nobody watched then. Outputs are looked at nevertheless.
   */
  trust(watched: boolean): void;
  /** Names files and folders that were changed, added or removed. */
  changed(paths: readonly string[]): void;
  /** Whether changes that led to this run may concern a call with these rules: such calls are looked up before others. */
  isConcerned(rules: FileRules): boolean;
  /** Writes the index of digests. */
  close(): void;
  /** Takes the warnings that have come up since the last call. */
  warnings(): readonly string[];
}

/** What became of the outputs that a task declared. */
export type Collected =
  /** All are there. */
  | {
    readonly kind: "stored";
    /** For the entry, sorted by path. */
    readonly stored: readonly StoredFile[];
    /** For {@link Files.note}. */
    readonly seen: readonly SeenFile[];
    /** Files named themselves that were there before the attempt, and that it did not touch. */
    readonly untouched: readonly string[];
    /** Files in folders of outputs that it did not touch either, so that they are none, though they may be meant to be. */
    readonly passedOver: readonly string[];
    /** Why the cache could not take their bytes: then there can be no entry. */
    readonly unkept?: Error | undefined;
  }
  /** Some are not there, are older than they may be, or are there only from before. */
  | {
    readonly kind: "absent";
    readonly missing: readonly string[];
    readonly old: readonly string[];
    readonly before: readonly string[];
  };

/** What tells one state of a file from another. */
type Stamp = Pick<SeenFile, "size" | "mtime" | "ctime" | "inode">;

/** A file that an attempt which came to nothing has left where its outputs lie: enough to know it again. */
export type LeftFile = Pick<SeenFile, "path" | "size" | "mtime" | "inode">;

/** What lay where an attempt is to write its outputs, before it began. */
export interface Prior {
  /** What an attempt did not touch: `doubtful` as long as nobody can say that it is a user's own. */
  untouched(path: string, now: Stamp): "doubtful" | "another's" | undefined;
  /** What was taken away. */
  readonly own: readonly string[];
  /** The attempt came to nothing: what was taken away comes back, where nothing has come in its place. */
  putBack(): void;
  /** The attempt has made its outputs: what was taken away is not needed any more. */
  done(): void;
}

/** Files as seen by a host, which runs tasks; synchronous. */
export interface HostFiles {
  /** The paths of files that are not as they were seen: by their stamps if these can tell, else by their bytes. */
  changed(files: readonly SeenFile[], trigger: Trigger): readonly string[];
  /** The paths of those that have changed at a moment or later, Unix time in milliseconds; `rules` are outputs that do not count. */
  later(files: readonly SeenFile[], moment: number, rules: readonly OutputRule[]): readonly string[];
  /** Looks at files and folders that a task reads, as found out while it runs; the mark of an absent one is empty. */
  see(paths: readonly string[], trigger: Trigger): readonly SeenFile[];
  /**
   * Which folders hold nothing but these files, and what else they hold: a folder without any of them stands for all below it.
   * `rules` are outputs that do not count.
   */
  whole(
    folders: readonly string[],
    files: readonly SeenFile[],
    rules: readonly OutputRule[],
  ): { readonly folders: readonly string[]; readonly others: readonly string[] };
  /**
   * Makes the folders in which outputs are to lie, and takes away what earlier attempts of the same call have left there.
   *
   * @param earlier the outputs of the entries of this call, the newest first; not asked for when nothing is there.
   * @param spared what is not taken away.
   * @param left what attempts that came to nothing have left; not asked for either.
   */
  prepare(
    rules: readonly OutputRule[],
    earlier: () => Iterable<readonly StoredFile[]>,
    spared: readonly string[],
    left?: () => readonly LeftFile[],
  ): Prior | undefined;
  /** What an attempt has written where its outputs lie, whatever became of it. */
  leftBy(rules: readonly OutputRule[], prior: Prior | undefined): readonly LeftFile[];
  /**
   * Takes declared outputs into the cache.
   *
   * @param prior what was there before the attempt.
   * @throws when they cannot be read.
   */
  collect(rules: readonly OutputRule[], compression: number, prior?: Prior): Collected;
}

/** Opens the files of a run. */
export type OpenFiles = (
  options: {
    /** The cache's folder; `undefined` when there is none: digests are then kept in memory only. */
    readonly cache: string | undefined;
    /** Whether the cache may be written; not in a dry run, which touches nothing. */
    readonly writable: boolean;
    /** The working folder. */
    readonly cwd: string;
  },
) => Files;

/** Opens the files of a host; the cache is one that may be written, or `undefined`. */
export type OpenHostFiles = (
  options: {
    readonly cache: string | undefined;
    /** A cache that outputs could be brought back from, even if it may only be read. */
    readonly readable?: string | undefined;
    /** A path where nothing is yet, for something that is put aside while an attempt lasts. */
    readonly aside?: () => string;
    /** Whether no other run is under way that may just be writing the same files; nothing is put aside otherwise. */
    readonly alone?: () => boolean;
    readonly cwd: string;
  },
) => HostFiles;
