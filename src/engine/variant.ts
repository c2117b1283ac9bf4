/** How calls of one task are run: the same for all that share a group of the scheduler. */
import type { DispatchRule } from "../dispatch/rules.ts";
import type { Definition } from "../model/definition.ts";
import type { Manner } from "./manner.ts";

/** Where attempts of a pool run. */
export type PoolSpec =
  | {
    readonly kind: "isolation";
    readonly isolation: Definition["isolation"];
    readonly lanes: number | undefined;
  }
  | { readonly kind: "jobs"; readonly label: string; readonly rule: DispatchRule; readonly lanes: number };

/** Calls of one task that are run in the same way. */
export interface Variant {
  readonly task: Definition;
  readonly manner: Manner;
  /** The names by which rules and limits find them. */
  readonly labels: readonly string[];
  /** The kind of lane. */
  readonly pool: string;
  /** The label and rule by which they are sent elsewhere. */
  readonly sent: { readonly label: string; readonly rule: DispatchRule } | undefined;
  /** Names of limits that are shared with other processes. */
  readonly shared: readonly string[];
  /** `resources` depends on values that are not there yet: they are asked for when the call is ready. */
  readonly late: boolean;
}
