/** Amounts of what a task needs: processors, memory, graphics processors, time, and whatever else has a name. */

/** What a task needs, read and checked: amounts by name. */
export interface Resources {
  /** Processors. */
  readonly cpu?: number;
  /** Bytes of memory. */
  readonly mem?: number;
  /** Graphics processors. */
  readonly gpu?: number;
  /** Milliseconds that a cluster is asked for. */
  readonly time?: number;
  /** Amounts of anything else. */
  readonly [name: string]: number | undefined;
}
