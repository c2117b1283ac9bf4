/** The tasks defined so far in this thread, shared by all copies of the module. */
import { REGISTRY } from "./brand.ts";
import type { Definition } from "./definition.ts";

/** Name to the definitions that carry it; more than one is an error only in a run that uses them. */
function tasks(): Map<string, Definition[]> {
  const shared = globalThis as unknown as Record<symbol, Map<string, Definition[]> | undefined>;
  return shared[REGISTRY] ??= new Map();
}

/** Adds a definition. */
export function register(definition: Definition): void {
  const known = tasks().get(definition.name);
  if (known === undefined) tasks().set(definition.name, [definition]);
  else known.push(definition);
}

/** The definition of a name; where there are several, the one made at `line` of `module`, if any. */
export function registered(
  name: string,
  place?: { readonly module: string; readonly line: number },
): Definition | undefined {
  const known = tasks().get(name);
  if (known === undefined || known.length < 2 || place === undefined) return known?.[0];
  const same = known.find((one) =>
    one.frames.some((frame) => frame.module === place.module && frame.line === place.line)
  );
  return same ?? known[0];
}

/** All definitions of a name. */
export function registeredAs(name: string): readonly Definition[] {
  return tasks().get(name) ?? [];
}

/** All names, in the order in which they were first defined; there are only ever more of them. */
export function registeredNames(): { readonly size: number; keys(): Iterable<string> } {
  return tasks();
}

/** All definitions, in the order they were made. */
export function allRegistered(): readonly Definition[] {
  return [...tasks().values()].flat();
}
