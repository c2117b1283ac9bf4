/** The tasks that a host knows, or is about to. */
import type { Definition } from "../../model/definition.ts";
import { changedItem, environmentItem } from "../failed_items.ts";
import { otherwise } from "../../model/hidden_env.ts";
import { program } from "../../runtime/program.ts";
import type { FailedItem, TaskInfo } from "../protocol.ts";
import { errorBytes } from "./errors.ts";
import { findTask, type Unusable } from "./modules.ts";
import { LoadedSources } from "./sources.ts";

/** A task as a host knows it; a failure where it cannot be used here. */
export interface HostTask {
  readonly info: TaskInfo;
  readonly task: Definition | FailedItem;
}

/** By index: the tasks of one host. */
export class HostTasks {
  private readonly known: HostTask[] = [];
  /** Those that are being looked for. */
  private readonly learning = new Map<number, Promise<void>>();
  private readonly sources = new LoadedSources();

  /** `elsewhere`: the environment may be another than that of the run; `shared`: the main program has loaded the tasks. */
  constructor(private readonly elsewhere: boolean, private readonly shared: boolean) {}

  /** Whether some are being looked for. */
  get areLearnt(): boolean {
    return this.learning.size > 0;
  }

  /** Looks for a task that is new here, when the host is ready. */
  learn(info: TaskInfo, ready: Promise<void>): void {
    this.learning.set(info.index, this.find(info, ready));
  }

  /** Resolves when all of these are known. */
  async learnt(indices: readonly number[]): Promise<void> {
    await Promise.all(indices.map((index) => this.learning.get(index)));
  }

  /** A task that is known. */
  of(index: number): HostTask {
    return this.known[index]!;
  }

  private async find(info: TaskInfo, ready: Promise<void>): Promise<void> {
    await ready;
    const found = await findTask(info);
    const homes = "problem" in found || this.shared ? [] : found.frames.map(({ module }) => module);
    // Whatever is wrong with a module that is not the one the run knows is not worth telling.
    const changed = info.sources === undefined ? [] : this.sources.check(info.sources, homes);
    const task = changed.length > 0
      ? changedItem(changed)
      : "problem" in found
      ? unusableItem(found)
      : this.wrongEnvironment(info, found) ?? found;
    this.known[info.index] = { info, task };
    this.learning.delete(info.index);
  }

  /** A task's results are filed under the variables that it declares: with others it does not begin. */
  private wrongEnvironment(info: TaskInfo, { name, env: declared }: Definition): FailedItem | undefined {
    // Besides variables there is what the way of dispatch has added: an image's digest.
    const names = this.elsewhere
      ? otherwise(info.env, program.env).filter((other) => declared.includes(other))
      : [];
    return names.length === 0 ? undefined : environmentItem(name, names, program.hostname());
  }
}

/** The failure of an attempt whose task cannot be used here. */
function unusableItem({ problem, error = new Error(problem) }: Unusable): FailedItem {
  const name = "Error";
  return {
    reason: "error",
    error: errorBytes(error),
    errorName: name,
    retriable: false,
    definition: problem,
  };
}
