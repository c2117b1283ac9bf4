/** The environment that commands of queues are found in, for as long as a test lasts. */
import type { LauncherListener, LauncherPlace } from "../../src/model/job.ts";
import type { Open } from "./launcher_contract.ts";

/** How rules are made quick in tests that use the real clock. */
export const QUICK = { gather: "300ms", poll: { from: "100ms", to: "500ms" } } as const;

/** Sets variables of this process until it is disposed. */
export function environment(variables: Readonly<Record<string, string>>): Disposable {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]: () => {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    },
  };
}

/** A launcher whose PATH leads nowhere, whenever it uses it. */
export function pathless(open: Open): Open {
  return (listener: LauncherListener, place: LauncherPlace) => {
    const launcher = open(listener, place);
    Deno.env.set("PATH", "/nowhere");
    return launcher;
  };
}
