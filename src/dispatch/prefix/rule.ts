/** The rule of jobs behind any command: `prefix("jbsub -wait -cores {cpu}")`. Pure data, so that it can stand in settings. */

/** How attempts of a label may be put together, to be run one after another by one job. */
export type Pack = number | {
  /** How many at most. */
  readonly count?: number;
  /** As many as are expected to take so long together. */
  readonly seconds?: number;
};

/** What every rule of an attached job may say. */
export interface AttachedOptions {
  /**
   * The command that starts runner where the job runs, when it is not the one that runs here: `"runner"`, or
   * `["deno", "run", "-A", "/opt/runner/cli.ts"]`.
   */
  readonly runner?: string | readonly string[];
  /** How many attempts one job runs, one after another; default 1. */
  readonly pack?: Pack;
}

/** What `prefix` takes besides the command. */
export type PrefixOptions = AttachedOptions;

/** Jobs are started by this command, with their own command behind it. */
export interface PrefixRule extends PrefixOptions {
  /** The backend. */
  readonly backend: "prefix";
  /** The command, as a text that is split as a shell would, or as its words; `{fields}` stand for what a job is. */
  readonly command: string | readonly string[];
}

/**
 * Sends jobs through any command that runs what stands behind it and ends when that ends: `nice`, `srun …`, `jbsub -wait …`,
 * `sudo -u ci`. It sees the same folders as this program. No shell reads the command; `{{` stands for a brace.
 */
export function prefix(command: string | readonly string[], options: PrefixOptions = {}): PrefixRule {
  return { backend: "prefix", command, ...options };
}
