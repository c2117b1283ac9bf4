/** Machines that have failed jobs, and are stayed away from. Pure. */

/** A machine that has failed so many jobs is stayed away from. */
const BAD = 2;

/** What machines have done to jobs. */
export class BadHosts {
  private readonly failed = new Map<string, number>();

  /** A machine has failed a job; gives what is to be told of it. */
  add(host: string): string | undefined {
    const times = (this.failed.get(host) ?? 0) + 1;
    this.failed.set(host, times);
    return times === BAD ? `${host} has failed ${times} jobs: no more are sent there` : undefined;
  }

  /** Those to stay away from. */
  get avoided(): readonly string[] {
    return [...this.failed].filter(([, times]) => times >= BAD).map(([host]) => host);
  }
}
