/** The rule of jobs on other hosts: `ssh({ hosts: ["gpu1", "gpu2"] })`. Pure data, so that it can stand in settings. */
import type { AttachedOptions } from "../prefix/rule.ts";

/** What `ssh` takes. */
export interface SshOptions extends AttachedOptions {
  /** The host, as `ssh` knows it: a name, `user@name`, or what its configuration calls it. */
  readonly host?: string;
  /** Several hosts: each job goes to the one that has the fewest. */
  readonly hosts?: readonly string[];
  /** More words for `ssh`: `["-F", "cluster.config"]`, `["-p", "2222"]`. */
  readonly args?: readonly string[];
  /** The folder to start in over there; default the one of the same path as here. */
  readonly cd?: string;
}

/** Jobs run on other hosts, which see the same files under the same paths. */
export interface SshRule extends SshOptions {
  /** The backend. */
  readonly backend: "ssh";
}

/**
 * Runs jobs on other hosts by `ssh`, without a password or a question. They must see the working folder and the cache under the
 * same paths, and have the same runner there, or say with `runner` how it is started. What runs there ends when it is to end here.
 *
 * @throws {RangeError} when there is no host.
 */
export function ssh(options: SshOptions): SshRule {
  if (hostsOf({ backend: "ssh", ...options }).length === 0) {
    throw new RangeError("`ssh({ host })` needs a host, or several as `hosts`");
  }
  return { backend: "ssh", ...options };
}

/** All hosts of a rule, each once. */
export function hostsOf({ host, hosts = [] }: SshRule): readonly string[] {
  return [...new Set([...(host === undefined ? [] : [host]), ...hosts])].filter((one) => one !== "");
}
