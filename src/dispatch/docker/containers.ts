/** Containers after their client: which are left, away with them, and whether one ran out of memory. */
import { setImmediate } from "node:timers";
import type { LauncherPlace } from "../../model/job.ts";
import { type Answer, ask } from "../attached/capture.ts";
import { GRACE } from "../attached/group.ts";

/** Names in one command. */
const AT_ONCE = 100;

/** Containers by their names, as an engine knows them. */
export interface Containers {
  /** Ends and removes a container, with many others at once; gives whether it may still be there. `late`: it has had its time to end. */
  remove(name: string, late: boolean): Promise<boolean>;
  /** Which of these containers are there; `undefined` when the engine does not say. */
  present(names: readonly string[]): Promise<ReadonlySet<string> | undefined>;
  /** Whether the engine has ended processes of a container because its memory was full. */
  ranOutOfMemory(name: string): Promise<boolean>;
  /** Looks again for containers that were removed: a client that was ended may have been making one. Gives what is left. */
  close(): Promise<readonly string[]>;
}

/** Asks an engine about the containers of a run. */
export function containers(engine: "docker" | "podman", after: LauncherPlace["after"]): Containers {
  const removed = new Set<string>();
  let waiting: { readonly name: string; readonly late: boolean; readonly told: (left: boolean) => void }[] =
    [];
  let busy = false;

  const run = (...words: string[]): Promise<Answer> => ask([engine, ...words], after).answer;

  /** Removes containers, which have some seconds to end: without a word of it, Podman would give them ten. Docker gives them none. */
  const end = async (names: readonly string[], seconds: number): Promise<void> => {
    if (names.length === 0) return;
    const words = ["rm", "--force", "--volumes"];
    const time = engine === "podman" ? ["--time", String(seconds)] : [];
    const { code } = await run(...words, ...time, ...names);
    // Podman before 4 does not know that word.
    if (code !== 0 && engine === "podman") await run(...words, ...names);
  };

  /** Removes containers, and says which are there still; `late`: those that have had their time to end. */
  const removeAll = async (
    names: readonly string[],
    late: readonly string[],
  ): Promise<ReadonlySet<string>> => {
    // A client that was asked to end before its container ran has not told it.
    const others = names.filter((name) => !late.includes(name));
    await Promise.all([end(late, 0), end(others, GRACE / 1_000)]);
    // Whether one was there at all is told differently by every version: the list is what counts.
    return await mayBePresent(names);
  };

  /** Which of these may be there: all, when nobody says. */
  const mayBePresent = async (names: readonly string[]): Promise<ReadonlySet<string>> =>
    await present(names) ?? new Set(names);

  const present = async (names: readonly string[]): Promise<ReadonlySet<string> | undefined> => {
    const { code, stdout } = await run(
      "ps",
      "--all",
      "--filter",
      "label=runner.job",
      "--format",
      "{{.Names}}",
    );
    if (code !== 0) return undefined;
    const there = new Set(stdout.split(/\s+/));
    return new Set(names.filter((name) => there.has(name)));
  };

  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const now = waiting.slice(0, AT_ONCE);
      waiting = waiting.slice(AT_ONCE);
      const late = now.filter((one) => one.late).map(({ name }) => name);
      const left = await removeAll(now.map(({ name }) => name), late);
      for (const { name, told } of now) told(left.has(name));
    }
    busy = false;
  };

  return {
    remove: (name, late) =>
      new Promise((told) => {
        removed.add(name);
        waiting.push({ name, late, told });
        if (busy) return;
        busy = true;
        setImmediate(() => void work());
      }),
    present,
    ranOutOfMemory: async (name) => {
      if (engine !== "docker") return false; // Podman keeps no such event.
      // Docker remembers the last events of all containers; this one's end is among the very last.
      const filters = ["--filter", `container=${name}`, "--filter", "event=oom", "--format", "{{.Status}}"];
      const { code, stdout } = await run("events", "--since", "1h", "--until", "0s", ...filters);
      return code === 0 && stdout.includes("oom");
    },
    close: async () => {
      const names = [...removed];
      if (names.length === 0) return [];
      const there = await mayBePresent(names);
      return there.size === 0 ? [] : [...await removeAll([...there], [])];
    },
  };
}
