/** What a host needs of a place to keep results: the port between running tasks and the store. */
import type { HostFiles, LeftFile } from "./file_ports.ts";
import type { SeenFile, StoredFile } from "./files.ts";
import type { Trace } from "./trace.ts";

/** What is known of a file that was published: enough to notice that it was replaced. */
export interface FileStamp {
  /** Bytes. */
  readonly size: number;
  /** Unix time of the last change, milliseconds. */
  readonly mtime: number;
  /** The file system's number for it. */
  readonly inode: number;
}

/** A result to be published. */
export interface PublishRequest {
  readonly task: string;
  readonly key: string;
  readonly validity: string;
  /** The codec's bytes of the result. */
  readonly bytes: Uint8Array;
  readonly digest: string;
  /** It takes the place of a result that is there; otherwise that one counts, for another runner was faster. */
  readonly replaces?: boolean;
  /** What the bytes are: the sum of the constants above, 0 for a plain value. */
  readonly kind: number;
  /** The gzip level. */
  readonly compression: number;
  /** The input, readable. */
  readonly input: string;
  /** The fields of the input, readable, when it is a record. */
  readonly fields: Readonly<Record<string, string>> | undefined;
  /** The input files. */
  readonly files: readonly SeenFile[];
  /** Which of them the task found out itself. */
  readonly found: readonly string[];
  /** The digests of the parameters that the task read. */
  readonly params: Readonly<Record<string, string>>;
  /** The keys of calls that the task made, and the digests of their results. */
  readonly calls: readonly (readonly [key: string, digest: string])[];
  readonly upstreams: readonly {
    readonly name: string;
    readonly task: string;
    readonly key: string;
    readonly digest: string;
  }[];
  readonly code: { readonly digest: string; readonly parts: Readonly<Record<string, string>> };
  readonly env: readonly string[];
  readonly run: string;
  readonly attempt: number;
  /** Unix time of the start, milliseconds. */
  readonly started: number;
  readonly millis: number;
  readonly stdout: string | undefined;
  readonly stderr: string | undefined;
  /** The folder that `ctx.directory` gave, if it was used. */
  readonly directory: string | undefined;
}

/** A result that is in the cache now. */
export interface Published {
  readonly stamp: FileStamp;
  readonly file: string;
  /** Another runner had published this entry meanwhile: its result is the one that counts. */
  readonly adopted?: { readonly bytes: Uint8Array; readonly digest: string; readonly kind: number };
}

/** A place for results, as seen by what runs tasks. */
export interface ResultStorage {
  /** The files that tasks read and write. */
  readonly files: HostFiles;
  /** Loads what patterns of files need; to be awaited before tasks that declare any. */
  preparePatterns(): Promise<void>;
  /** A path that is meant from the working folder, in full. */
  absolute(path: string): string;
  /** The value of the newest entry of a call, whatever it was computed from. */
  latest(task: string, key: string): { readonly bytes: Uint8Array; readonly follow: boolean } | undefined;
  /** What attempts of a call that came to nothing have left where its outputs lie. */
  leftovers(task: string, key: string): readonly LeftFile[];
  /** Notes that, in the place of what was noted before. */
  noteLeftovers(task: string, key: string, files: readonly LeftFile[]): void;
  /** The upstream results of that entry: digests by key. */
  earlierUpstreams(task: string, key: string): ReadonlyMap<string, string> | undefined;
  /** The outputs of a call's entries, the newest first, whatever they were computed from. */
  earlierOutputs(task: string, key: string): Iterable<readonly StoredFile[]>;
  /** Notes under a validity what to look at to find a result. */
  putTrace(
    task: string,
    key: string,
    validity: string,
    trace: Trace,
  ): { readonly digest: string; readonly stamp: FileStamp };
  /** Reads the value of a result; `undefined` when it is not there or not whole, in which case it was set aside. */
  read(file: string, digest: string): Uint8Array | undefined;
  /** Publishes a result, whole or not at all; throws when the file system refuses. */
  publish(request: PublishRequest): Published;
  /** Keeps a large result for the rest of the run. */
  spill(key: string, bytes: Uint8Array): string;
  /** An empty folder for an attempt; it becomes part of the entry when the result is published. */
  directory(task: string, key: string, validity: string): string;
  /** Removes the folder of an attempt that failed. */
  discard(directory: string): void;
}

/** Opens the storage of a host. */
export type OpenStorage = (
  options: {
    readonly cache: string | undefined;
    /** The cache's folder, even if it may only be read. */
    readonly readable?: string | undefined;
    readonly spill: string;
    readonly host: number;
    readonly run: string;
    /** The folder of the run's logs, beside those of other runs. */
    readonly logs?: string;
    /** The folder that relative paths of files are meant from. */
    readonly cwd: string;
  },
) => ResultStorage;
