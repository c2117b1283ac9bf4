/** Noting in the cache what an attempt has given. */
import type { EndedMessage, SpecialItem } from "../execute/protocol.ts";
import { digestOf } from "../model/digest.ts";
import { CALLS, OUTPUTS, TRACE } from "../model/stored_kind.ts";
import { type Trace, withTrace } from "../model/trace.ts";
import type { RunState } from "./run_state.ts";

/** Notes a result in the cache. */
export function keepResult(
  run: RunState,
  node: number,
  digest: string,
  stamp: EndedMessage["stamps"][number],
  bytes: Uint8Array | undefined,
  special: SpecialItem | undefined,
): void {
  const valid = run.validities[node];
  const { cache } = run.ports;
  if (valid === undefined || valid === "" || (stamp === undefined && !cache.keepsBytes)) return;
  const { task, key } = run.node(node).call;
  const signature = special?.signature ?? "";
  const kind = special?.kind ?? (special?.follow ? CALLS : 0);
  // What an index holds of a result with outputs is not the value alone.
  const kept = kind & OUTPUTS ? special?.stored : bytes;
  if (run.forced.has(node)) run.ports.remade.add(key);
  cache.add(task.name, key, special?.validity ?? valid, { digest, kind, bytes: kept, stamp, signature });
  if (special?.traced !== undefined && cache.keepsBytes) keepTrace(run, node, valid, special.traced);
  if (special?.trace === undefined) return;
  const { digest: traced, stamp: at } = special.trace;
  cache.add(task.name, key, valid, {
    digest: traced,
    kind: TRACE,
    bytes: undefined,
    stamp: at,
    signature: "",
  });
}

/** Notes, in a cache that keeps bytes, what is to be looked at to find a result. */
function keepTrace(run: RunState, node: number, valid: string, trace: Trace): void {
  const { task, key } = run.node(node).call;
  const { cache } = run.ports;
  const known = cache.lookup(task.name, key, valid);
  const bytes = withTrace(trace, known !== undefined && known.kind & TRACE ? known.bytes : undefined);
  const digest = digestOf(bytes);
  cache.add(task.name, key, valid, { digest, kind: TRACE, bytes, stamp: undefined, signature: "" });
}
