/** Which host a job goes to: the one with the fewest, of those that answer. */
import type { LauncherPlace } from "../../model/job.ts";

/** How long a host that did not answer gets no jobs, milliseconds. */
const PAUSE = 60_000;

/** The hosts of a rule, with what they have to do. */
export interface Hosts {
  /** Gives a host one job more. */
  take(): string;
  /** It has one less. */
  giveBack(host: string): void;
  /** It did not answer: others are asked for a while. Gives whether there are others. */
  failed(host: string): boolean;
  /** Waits for no host any more. */
  close(): void;
}

/** One host. */
interface Host {
  readonly name: string;
  /** Jobs that it has. */
  jobs: number;
  /** Ends the pause after a failure. */
  callOff: (() => void) | undefined;
  /** When it failed last, in order. */
  failure: number;
}

/** Keeps count of the jobs of hosts. */
export function hostsFor(names: readonly string[], after: LauncherPlace["after"]): Hosts {
  const hosts = names.map((name): Host => ({ name, jobs: 0, callOff: undefined, failure: 0 }));
  let failures = 0;
  const find = (name: string): Host | undefined => hosts.find((host) => host.name === name);
  return {
    take: () => {
      // When none answers, the one is tried again that was not for the longest time.
      const order = [...hosts].sort((a, b) =>
        Number(a.callOff !== undefined) - Number(b.callOff !== undefined) ||
        (a.callOff === undefined ? a.jobs - b.jobs : a.failure - b.failure)
      );
      const [host] = order as [Host];
      host.jobs++;
      return host.name;
    },
    giveBack: (name) => {
      const host = find(name);
      if (host !== undefined) host.jobs--;
    },
    failed: (name) => {
      const host = find(name);
      if (host === undefined) return false;
      host.callOff?.();
      host.failure = ++failures;
      host.callOff = after(PAUSE, () => host.callOff = undefined);
      return hosts.some(({ callOff }) => callOff === undefined);
    },
    close: () => hosts.forEach(({ callOff }) => callOff?.()),
  };
}
