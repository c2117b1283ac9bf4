/** Everything a run needs from outside, handed in by the wiring. */
import type { Executor, ExecutorListener, TaskInfoOf } from "../execute/executor.ts";
import type { Clock } from "../execute/member.ts";
import type { OpenMessage } from "../execute/protocol.ts";
import type { History } from "../history/history.ts";
import type { SourceReader } from "../plan/code/graph.ts";
import type { Files } from "../model/file_ports.ts";
import type { DispatchRule } from "../dispatch/rules.ts";
import type { LauncherCheck } from "../model/job.ts";
import type { Cache } from "../store/cache.ts";
import type { Leases } from "../store/leases.ts";
import type { Making } from "../store/making.ts";
import type { Remade } from "../store/remade.ts";
import type { PoolSpec } from "./variant.ts";

/** Makes the executor of a pool. */
export type MakeExecutor = (
  pool: PoolSpec,
  options: {
    readonly size: number;
    readonly listener: ExecutorListener;
    readonly infoOf: TaskInfoOf;
    readonly clock: Clock;
    readonly open: Omit<OpenMessage, "kind" | "host" | "control" | "lock">;
  },
) => Executor;

/** Limits that a run shares with others. */
export interface SharedLimits {
  readonly leases: Pick<Leases, "take">;
  /** Is told what users should know: of places that were taken from this run, or that dead runs hold. */
  readonly onWarning: (tell: (message: string) => void) => void;
  /** Gives back all that is held. */
  readonly close: () => Promise<void>;
}

/** How long calls and tasks took in earlier runs, in milliseconds by name. */
export interface Durations {
  /** By the name of the task. */
  readonly task: ReadonlyMap<string, number>;
  /** By the readable text of the call. */
  readonly call: ReadonlyMap<string, number>;
}

/** The outside world, as far as a run is concerned. */
export interface RunPorts {
  readonly cache: Cache;
  readonly makeExecutor: MakeExecutor;
  readonly clock: Clock;
  /** Finds out whether a way of dispatch can work, and what results depend on with it. */
  readonly checkRule: (rule: DispatchRule) => Promise<LauncherCheck>;
  /** Limits that are shared with other processes; `undefined` when the run has none. */
  readonly shared: SharedLimits | undefined;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sources: SourceReader;
  /**
   * The files that tasks read and write; `globs` says whether patterns will be asked about.
   *
   * @throws {FilesNeeded} while they are not loaded: most runs never need them.
   */
  readonly files: (globs?: boolean) => Files;
  /** Loads them. */
  readonly loadFiles: () => Promise<void>;
  /** Writes down what is known of them, if they were loaded; gives warnings. */
  readonly closeFiles: () => readonly string[];
  /** The folder that relative paths of files are meant from. */
  readonly cwd: string;
  /** What earlier runs say of how long things take; asked at most once. */
  readonly durations: () => Durations;
  /** Asks whoever sits at the terminal; `tell` is called around the asking itself. */
  readonly ask: (
    question: { readonly call: string; readonly message: string; readonly secret: boolean },
    tell: (kind: "began" | "ended") => void,
  ) => Promise<string>;
  /** The run's id. */
  readonly run: string;
  /** Where output of attempts goes, and large results without a cache on disk. */
  readonly logs: string;
  readonly spill: string;
  /** Keeps the folder of an attempt that has failed, and of its task's only so many; gives where it is, if there was one. */
  readonly keepFolder: (
    failed: {
      readonly task: string;
      readonly key: string;
      readonly validity: string;
      readonly attempt: number;
    },
    most: number,
  ) => string | undefined;
  /** What the bare name `runner` means in workers. */
  readonly library: string;
  /** Modules that workers load if a task's own module does not define it. */
  readonly modules: readonly string[];
  /** Reads a result of this run, or of the cache, from its file; `undefined` when it is not there or not whole. */
  readonly readFile: (
    result: {
      readonly digest: string;
      readonly bytes: Uint8Array | undefined;
      readonly file: string | undefined;
    },
  ) => Uint8Array | undefined;
  /** Lets the event loop turn once. */
  readonly turn: () => Promise<void>;
  /** Notes a run that is over; `undefined` when nobody keeps a history. */
  readonly history: Pick<History, "record" | "close" | "warnings" | "unwritten"> | undefined;
  /** Listens to whoever asks this run to stop from outside. */
  readonly onCancel: (cancel: (hard: boolean) => void) => void;
  /** What the run that this one goes on with has made anew by force, and what this one has. */
  readonly remade: Pick<Remade, "has" | "add">;
  /** The calls with outputs that are being made, here and by other runs. */
  readonly making: Pick<Making, "begin" | "end" | "rival">;
  /** Why others do not know of this run, if that could not be noted. */
  readonly notNoted: string | undefined;
  /** Whatever is left to be done when the run is over; gives warnings. */
  readonly cleanUp: (ended: "ok" | "failed" | "cancelled") => readonly string[];
}
