/** Why a call runs although there are results of earlier runs: what differs from the closest of them. */

/** One difference. */
export type Cause =
  /** There is no earlier result of this task at all. */
  | { readonly kind: "first" }
  /** It was asked for. */
  | { readonly kind: "forced" }
  /** Results of this task are never looked up: `noSkip`, or `cache: false`. */
  | { readonly kind: "always" }
  /** There are results of this task, but for other inputs; none is close enough to compare with. */
  | { readonly kind: "new-input" }
  /** A field of the input differs; `before` is `undefined` where it was absent, `now` where it is. */
  | {
    readonly kind: "input";
    readonly field: string;
    readonly before: string | undefined;
    readonly now: string | undefined;
  }
  /** An input file differs. */
  | { readonly kind: "file"; readonly path: string; readonly change: Change }
  /** A part of the code differs: a function, a module. */
  | { readonly kind: "code"; readonly part: string; readonly change: Change }
  /** A declared environment variable differs. */
  | { readonly kind: "env"; readonly name: string; readonly change: Change }
  /** A parameter of the run that the task read differs. */
  | { readonly kind: "param"; readonly name: string; readonly change: Change }
  /** The result of an upstream call differs; `node` is its number in this run, if it is in it. */
  | {
    readonly kind: "upstream";
    readonly call: string;
    readonly node: number | undefined;
    readonly change: Change;
  }
  /** An upstream call will run or has run, so its result may differ: only a plan says this. */
  | { readonly kind: "upstream-runs"; readonly call: string; readonly node: number }
  /** An output file is missing, too old, or not what was made, and could not be brought back from the cache. */
  | {
    readonly kind: "output";
    readonly path: string;
    readonly change: "missing" | "edited" | "too old";
  }
  /** Its earlier result was to be made anew, and the attempt has failed. */
  | { readonly kind: "given-up" }
  /** Nothing differs, but the earlier result is gone from the cache. */
  | { readonly kind: "gone" };

/** How a thing differs from before. */
export type Change = "added" | "removed" | "changed";

/** A cause for people, without a full stop: `src/a.ts changed`. */
export function causeText(cause: Cause): string {
  switch (cause.kind) {
    case "first":
      return "no earlier result";
    case "forced":
      return "forced";
    case "always":
      return "always runs";
    case "new-input":
      return "new input";
    case "input":
      if (cause.before === undefined) return `input ${cause.field} is new: ${cause.now}`;
      if (cause.now === undefined) return `input ${cause.field} is gone (was ${cause.before})`;
      return `input ${cause.field}: ${cause.before} → ${cause.now}`;
    case "file":
      return `${cause.path} ${cause.change}`;
    case "code":
      return `code of ${cause.part} ${cause.change}`;
    case "env":
      // What a container's image is goes with the environment, and is no variable of it.
      return cause.name.startsWith("image of ")
        ? `the ${cause.name} ${cause.change}`
        : `environment variable ${cause.name} ${cause.change}`;
    case "param":
      return `parameter ${cause.name} ${cause.change}`;
    case "upstream":
      return cause.change === "changed"
        ? `the result of ${cause.call} changed`
        : `dependency ${cause.call} ${cause.change}`;
    case "upstream-runs":
      return `${cause.call} runs`;
    case "output":
      return `output ${cause.path} is ${cause.change}`;
    case "given-up":
      return "its earlier result was given up: it was forced, and failed";
    case "gone":
      return "its stored result is gone";
  }
}

/** Several causes on one line: the first one or two, and how many more there are. */
export function causesText(causes: readonly Cause[], most = 1): string {
  const shown = causes.slice(0, most).map(causeText).join(", ");
  return causes.length > most ? `${shown}, +${causes.length - most} more` : shown;
}
