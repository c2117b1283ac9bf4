/** What every executor does, whatever its members are. */
import { mannerOf } from "../../src/engine/manner.ts";
import fs from "node:fs";
import { assert, assertEquals } from "@std/assert";
import type { Future } from "../../mod.ts";
import { makeBatch, taskInfo } from "../../src/engine/batches.ts";
import { plan } from "../../src/engine/plan.ts";
import { ResultTable } from "../../src/engine/results.ts";
import type { Batch, Executor, ExecutorListener } from "../../src/execute/executor.ts";
import type { MakeMember } from "../../src/execute/member.ts";
import { prefix } from "../../src/dispatch/prefix/rule.ts";
import { Pool, type PoolOptions } from "../../src/execute/pool.ts";
import type { Ask } from "../../src/model/ask.ts";
import type { EndedMessage, FailedItem } from "../../src/execute/protocol.ts";
import { decode } from "../../src/model/codec/decode.ts";
import { unlink } from "../../src/model/call.ts";
import { failing, partial, slow, square, waiting } from "../fixtures/contract.ts";
import { appeared } from "./files.ts";
import { nothingLeft } from "./leaks.ts";
import { fromFileUrl } from "./paths.ts";
import { diskFolder, tempFolder } from "./temp.ts";

/** Which kind of tasks the executor under test runs. */
export type Kind = "worker" | "process" | "sandbox" | "inline" | "jobs";

/** Makes the executor under test. */
export type MakeUnderTest = (options: PoolOptions, folder: string) => Executor;

/** One thing that the executor told. */
type Told = readonly [node: number, what: string, value?: unknown];

/** Takes notes, and lets tests wait for them. */
class Listener implements ExecutorListener {
  readonly told: Told[] = [];
  private waiting: (() => void)[] = [];
  private note(...told: Told): void {
    this.told.push(told);
    for (const wake of this.waiting.splice(0)) wake();
  }
  /** Resolves when so much was told. */
  async count(count: number): Promise<readonly Told[]> {
    while (this.told.length < count) await new Promise<void>((wake) => this.waiting.push(wake));
    return this.told.toSorted(([a], [b]) => a - b);
  }
  ended(batch: Batch, message: EndedMessage): void {
    const special = new Map(message.special);
    let start = 0;
    message.items.forEach((item, index) => {
      const node = batch.nodes[item]!;
      const end = message.ends[index]!;
      const one = special.get(index);
      if (one?.cancelled) this.note(node, "cancelled");
      else if (one?.failed) this.note(node, "failed", (decode(one.failed.error) as Error).message);
      else this.note(node, "value", unlink(message.bytes.subarray(start, end), () => undefined));
      start = end;
    });
  }
  failed(batch: Batch, item: number, failed: FailedItem): void {
    this.note(batch.nodes[item]!, failed.reason, (decode(failed.error) as Error).message);
  }
  cancelled(batch: Batch, item: number): void {
    this.note(batch.nodes[item]!, "cancelled");
  }
  returned(nodes: readonly number[]): void {
    for (const node of nodes) this.note(node, "returned");
  }
  asked(_batch: Batch, ask: Ask): void {
    this.note(ask.item, "asked", ask.asked);
  }
  warned(message: string): void {
    this.note(-1, "warned", message);
  }
  broken(message: string): void {
    this.note(-1, "broken", message);
  }
}

/** Registers the tests of a pool of members. */
export function poolContract(kind: Kind, make: (logs: string, folder: string) => MakeMember): void {
  executorContract(kind, (options, folder) => new Pool({ ...options, make: make(`${folder}/logs`, folder) }));
}

/** Registers the tests of an executor. */
export function executorContract(kind: Kind, make: MakeUnderTest): void {
  // How a task is isolated does not matter where it is sent elsewhere.
  const of = kind === "jobs" ? "process" : kind;
  const test = (
    what: string,
    targets: (folder: string) => readonly Future<unknown>[],
    body: (
      place: {
        readonly pool: Executor;
        readonly listener: Listener;
        start(nodes: readonly number[], lane?: number): void;
      },
      folder: string,
    ) => Promise<void>,
  ): void =>
    Deno.test(`${kind}: ${what}`, async () => {
      using temp = kind === "sandbox" ? diskFolder() : tempFolder();
      const { graph, files } = plan(targets(temp.path), {}, () => {
        throw new Error("these tasks declare no files");
      });
      const tasks = [...new Set(graph.nodes.map(({ call }) => call.task))];
      const listener = new Listener();
      const pool = make({
        size: kind === "inline" ? 1 : 2,
        make: () => {
          throw new Error("there are no members");
        },
        clock: { after: (millis, callback) => (clearTimeout.bind(undefined, setTimeout(callback, millis))) },
        listener,
        infoOf: (index) => taskInfo(index, tasks[index]!, false, { digest: "", parts: {} }, [], []),
        open: {
          logs: `${temp.path}/logs`,
          spill: `${temp.path}/spill`,
          cache: undefined,
          readable: undefined,
          inlineBytes: 4_096,
          digests: false,
          run: "contract",
          params: {},
          cwd: temp.path,
          modules: [],
          library: fromFileUrl("../../mod.ts"),
        },
      }, temp.path);
      const start = (nodes: readonly number[], lane = 0): void =>
        pool.start(makeBatch(
          {
            graph,
            results: new ResultTable(),
            files,
            isForced: () => false,
            latestOf: () => undefined,
            taskOf: (node) => tasks.indexOf(graph.nodes[node]!.call.task),
            attemptOf: () => 1,
            validityOf: () => "",
            variantOf: (node) => {
              const { task } = graph.nodes[node]!.call;
              const manner = mannerOf(
                task,
                [],
                () => ({ input: undefined, attempt: 1, previous: undefined }),
              );
              const sent = kind === "jobs" ? { label: "far", rule: prefix("env") } : undefined;
              return { task, manner, pool: kind, sent, labels: [], shared: [], late: false };
            },
            run: "contract",
            valueOf: () => undefined,
            timeLeftOf: () => 0,
          },
          lane,
          nodes,
        ));
      try {
        await body({ pool, listener, start }, temp.path);
      } finally {
        await pool.close();
      }
      assertEquals(pool.abandoned, 0);
      await nothingLeft();
    });

  test(
    "values come back, by node",
    () => [1, 2, 3].map((n) => square[of](n)),
    async ({ listener, start }) => {
      start([0, 1]);
      start([2], 1);
      assertEquals(await listener.count(3), [[0, "value", 1], [1, "value", 4], [2, "value", 9]]);
    },
  );

  test(
    "a failure is its item's alone",
    () => [square[of](1), failing[of]("no luck"), square[of](3)],
    async ({ listener, start }) => {
      start([0, 1, 2]);
      assertEquals(await listener.count(3), [[0, "value", 1], [1, "failed", "no luck"], [2, "value", 9]]);
    },
  );

  test(
    "a soft cancel asks; what has not begun never does",
    (folder) => [waiting[of](`${folder}/began`), square[of](2)],
    async ({ pool, listener, start }, folder) => {
      start([0, 1]);
      await appeared(`${folder}/began`);
      pool.cancel(false);
      assertEquals(await listener.count(2), [[0, "cancelled"], [1, "cancelled"]]);
    },
  );

  test(
    "a cancel while the task's module is still being loaded is not lost",
    (folder) => [waiting[of](`${folder}/began`)],
    async ({ pool, listener, start }, folder) => {
      start([0]);
      pool.cancel(false);
      assertEquals(await listener.count(1), [[0, "cancelled"]]);
      assertEquals(fs.existsSync(`${folder}/began`), false);
    },
  );

  test(
    "what returns a value after it noticed that it was asked to stop is cancelled all the same",
    (folder) => [partial[of](`${folder}/began`)],
    async ({ pool, listener, start }, folder) => {
      start([0]);
      await appeared(`${folder}/began`);
      pool.cancel(false);
      assertEquals(await listener.count(1), [[0, "cancelled"]]);
    },
  );

  test(
    "a hard cancel ends what does not listen",
    (folder) => [slow[of](`${folder}/began`)],
    async ({ pool, listener, start }, folder) => {
      start([0]);
      await appeared(`${folder}/began`);
      pool.cancel(true);
      // Whoever asks first, and waits, tells that it does.
      while (!listener.told.some(([, what]) => what === "cancelled")) {
        await listener.count(listener.told.length + 1);
      }
      assertEquals(listener.told.filter(([, what]) => what !== "warned"), [[0, "cancelled"]]);
    },
  );

  test(
    "a closed pool has no threads and processes",
    () => [square[of](1)],
    async ({ pool, listener, start }) => {
      start([0]);
      await listener.count(1);
      await pool.close();
      await nothingLeft();
      assert(listener.told.length === 1);
    },
  );
}
