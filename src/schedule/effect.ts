/** What the scheduler wants done: verbs, each carried out by one function of the engine. */

/**
 * Ask the cache for valid entries of these nodes; each is answered by `lookup-answered`, or, where nothing more is to be said
 * than that there is one, together with others by `entries-found`.
 */
export interface LookUp {
  readonly kind: "look-up";
  readonly nodes: readonly number[];
}
/** Evaluate `deps` with the input, whose futures are computed now; answered by `expanded`. */
export interface Expand {
  readonly kind: "expand";
  readonly node: number;
}
/** Put a followed node's value together, now that the calls it returned are computed; answered by `resolved`. */
export interface Resolve {
  readonly kind: "resolve";
  readonly node: number;
}
/** Run these nodes, one after another, on a lane; of a pool with lanes of its own, the number is one of those. */
export interface Start {
  readonly kind: "start";
  readonly pool: string;
  readonly lane: number;
  readonly nodes: readonly number[];
}
/** Let an attempt that waited go on, on its lane. */
export interface Resume {
  readonly kind: "resume";
  readonly node: number;
}
/** Take back up to `count` nodes that a lane has not begun; answered by `recalled`. */
export interface Recall {
  readonly kind: "recall";
  readonly pool: string;
  readonly lane: number;
  readonly count: number;
}
/** Answer with `pause-ended` after a time. */
export interface Pause {
  readonly kind: "pause";
  readonly node: number;
  readonly millis: number;
}
/** Ask all running attempts to stop, or make them (`hard`). */
export interface CancelRunning {
  readonly kind: "cancel-running";
  readonly hard: boolean;
}
/** Drop a result from memory: every dependent has finished. */
export interface Release {
  readonly kind: "release";
  readonly node: number;
}
/**
 * Nothing runs and nothing more can start. Attempts may be left that wait for each other, or for each other's locks: they have
 * to be told (`wait-over`, or the end of the attempt), and when they have ended, the run ends once more.
 */
export interface End {
  readonly kind: "end";
}

/** One instruction of the scheduler. */
export type Effect =
  | LookUp
  | Expand
  | Resolve
  | Start
  | Resume
  | Recall
  | Pause
  | CancelRunning
  | Release
  | End;

/** Asks the cache for an entry, together with those that were asked for just before: there may be a million. */
export function lookUp(effects: Effect[], node: number): void {
  const last = effects.at(-1);
  if (last?.kind === "look-up") (last.nodes as number[]).push(node);
  else effects.push({ kind: "look-up", nodes: [node] });
}
