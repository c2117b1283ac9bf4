/** What running tasks ask of their run: calls, names, whoever sits at the terminal. */
import type { Ask, Reply, ReplyValue } from "../model/ask.ts";
import type { Batch } from "../execute/executor.ts";
import { decode } from "../model/codec/decode.ts";
import { callsNamed } from "../model/catalogue.ts";
import { all } from "../model/future.ts";
import { type Expression, unpackCalls } from "../model/expression.ts";
import { registered } from "../model/registry.ts";
import { isSuccess, isTerminal, type NodeState } from "../model/state.ts";
import { errorBytes } from "../execute/host/errors.ts";
import type { Input } from "../schedule/input.ts";
import { stateOf } from "../schedule/set.ts";
import type { RunState } from "./run_state.ts";

/** Calls that an attempt waits for. */
interface Request {
  readonly ask: Ask;
  readonly parent: number;
  /** The nodes whose values are wanted, in order. */
  readonly nodes: readonly number[];
  readonly names: readonly string[] | undefined;
  /** How many of them have no value yet. */
  left: number;
}

/** An attempt that waits. */
interface Parent {
  /** How many of its requests are open. */
  open: number;
  /** Answers that it is given when it may go on. */
  readonly held: Reply[];
  /** What it has begun to wait for since it was said that it may go on. */
  readonly more: number[];
  readonly batch: Batch;
}

/** Lets answers go to where they were asked. */
export type SendReplies = (batch: Batch, replies: readonly Reply[], resumes: boolean) => void;

/** The open requests of a run. */
export class Requests {
  private readonly waiters = new Map<number, Request[]>();
  private readonly parents = new Map<number, Parent>();
  private chunks = 0;

  constructor(
    private readonly run: RunState,
    private readonly feed: (input: Input) => void,
    private readonly send: SendReplies,
  ) {}

  /** An attempt asks. */
  asked(batch: Batch, ask: Ask): void {
    const parent = batch.nodes[ask.item]!;
    const { asked } = ask;
    if (asked.kind === "person") return void this.askPerson(batch, ask, parent, asked.message, asked.secret);
    const { graph } = this.run;
    const first = graph.nodes.length;
    try {
      let nodes: readonly number[];
      let names: readonly string[] | undefined;
      if (asked.kind === "calls") nodes = this.bind(asked.expression);
      else {
        const calls = asked.patterns.flatMap((pattern) => this.named(pattern));
        names = calls.map(({ name }) => name);
        if (asked.want === "names") return this.answer(batch, ask, { names }, false);
        nodes = graph.bind(all(calls.map(({ call }) => call)), "target").nodes;
      }
      this.run.checkNew();
      if (asked.kind === "calls" && asked.chunk > 0) this.chunk(nodes, first, asked.chunk);
      const waits = asked.kind === "calls" ? asked.wait : asked.want === "values";
      if (waits) this.wait(batch, { ask, parent, nodes, names, left: 0 });
      else {
        this.feed({ kind: "together", inputs: [] });
        this.answer(batch, ask, names === undefined ? {} : { names }, false);
      }
    } catch (error) {
      this.answer(batch, ask, { error: errorBytes(error) }, true);
    }
  }

  /** A node has come to an end, good or bad. */
  settled(node: number, to: NodeState): void {
    const waiting = this.waiters.get(node);
    if (waiting === undefined || !isTerminal(to)) return;
    this.waiters.delete(node);
    for (const request of waiting) {
      const parent = this.parents.get(request.parent);
      if (parent === undefined || request.left === 0) continue;
      if (!isSuccess(to)) this.done(parent, request, this.failed(request, node));
      else if (--request.left === 0) this.done(parent, request, this.values(request));
    }
  }

  /** Whether anybody waits. */
  get idle(): boolean {
    return this.parents.size === 0;
  }

  /** An attempt may go on. */
  resume(node: number): void {
    const parent = this.parents.get(node);
    if (parent === undefined) return;
    if (parent.open === 0) {
      this.parents.delete(node);
      return this.send(parent.batch, parent.held, true);
    }
    // Another branch of the task has asked for more while there was no room for it: it waits once more.
    this.send(parent.batch, parent.held.splice(0), false);
    this.feed({ kind: "attempt-waits", node, on: parent.more.splice(0) });
  }

  /** An attempt is over, or was begun anew: nobody waits for its answers. */
  forget(node: number): void {
    this.parents.delete(node);
  }

  /** Nothing more will start: whoever waits is told. */
  rejectAll(why: string): void {
    const open = new Set([...this.waiters.values()].flat());
    this.waiters.clear();
    for (const request of open) {
      const parent = this.parents.get(request.parent);
      if (parent === undefined || request.left === 0) continue;
      this.done(parent, request, { error: errorBytes(new Error(why)) });
    }
  }

  /** The nodes that a running attempt waits for, for the search of cycles. */
  waitsFor(node: number): readonly number[] {
    return [...this.waiters].filter(([, requests]) => requests.some((request) => request.parent === node))
      .map(([child]) => child);
  }

  /** The calls of an expression, as nodes. */
  private bind(expression: Uint8Array): readonly number[] {
    const unpacked = unpackCalls(
      decode(expression) as Expression,
      (call) => registered(call.task, call.frames[0]),
    );
    if ("missing" in unpacked) {
      throw new Error(
        `the task "${unpacked.missing.task}" is not known to the main program; import its module from the pipeline`,
      );
    }
    return this.run.graph.bind(unpacked.calls, "target").nodes;
  }

  private named(pattern: string) {
    const found = callsNamed(pattern, this.run.graph.naming);
    if (found.kind === "problem") throw new Error(found.problem);
    return found.kind === "one" ? [found] : found.calls;
  }

  private chunk(nodes: readonly number[], first: number, size: number): void {
    let count = 0;
    for (const node of new Set(nodes)) {
      if (node < first) continue;
      this.run.chunks.set(node, this.chunks + Math.floor(count++ / size));
    }
    this.chunks += Math.ceil(count / size);
  }

  private wait(batch: Batch, request: Request): void {
    const { schedule } = this.run;
    const states = [...new Set(request.nodes)].map((node) =>
      node < schedule.states.length ? [node, stateOf(schedule, node)] as const : [node, "idle"] as const
    );
    const failed = states.find(([, state]) => isTerminal(state) && !isSuccess(state));
    if (failed !== undefined) return this.answer(batch, request.ask, this.failed(request, failed[0]), true);
    const missing = states.filter(([, state]) => !isSuccess(state)).map(([node]) => node);
    if (missing.length === 0) return this.answer(batch, request.ask, this.values(request), true);
    if (schedule.stopped) {
      return this.answer(
        batch,
        request.ask,
        { error: errorBytes(new Error("the run is being stopped")) },
        true,
      );
    }
    request.left = missing.length;
    for (const node of missing) {
      const waiting = this.waiters.get(node);
      if (waiting === undefined) this.waiters.set(node, [request]);
      else waiting.push(request);
    }
    const parent = this.parents.get(request.parent);
    const on = [...new Set(request.nodes)];
    if (parent !== undefined && parent.open === 0) {
      // It is about to go on: the scheduler hears of this when it does.
      parent.open = 1;
      parent.more.push(...on);
      return this.feed({ kind: "together", inputs: [] });
    }
    if (parent === undefined) this.parents.set(request.parent, { open: 1, held: [], more: [], batch });
    else parent.open++;
    this.feed({ kind: "attempt-waits", node: request.parent, on });
  }

  /** A request has its answer; the last one of an attempt waits until there is room for the attempt. */
  private done(parent: Parent, request: Request, answer: Partial<Reply>): void {
    request.left = 0;
    const { id, batch, item } = request.ask;
    parent.held.push({ id, batch, item, ...answer });
    if (--parent.open > 0) this.send(parent.batch, parent.held.splice(0), false);
    else this.feed({ kind: "wait-over", node: request.parent });
  }

  private answer(batch: Batch, ask: Ask, answer: Partial<Reply>, resumes: boolean): void {
    // An attempt that still waits for something else does not go on yet.
    const goesOn = resumes && !this.parents.has(batch.nodes[ask.item]!);
    this.send(batch, [{ id: ask.id, batch: ask.batch, item: ask.item, ...answer }], goesOn);
  }

  private values({ nodes, names }: Request): Partial<Reply> {
    const values = nodes.map((node): ReplyValue => {
      const { task, key } = this.run.node(node).call;
      const { digest, bytes, file } = this.run.results.get(node);
      return {
        name: task.name,
        task: task.name,
        key,
        digest,
        ...(bytes !== undefined ? { bytes } : { file: file! }),
      };
    });
    return { values, ...(names && { names }) };
  }

  /** Why a request has no answer. */
  private failed({ parent }: Request, node: number): Partial<Reply> {
    const { graph, failing, failures } = this.run;
    const call = graph.describe(this.run.node(node));
    const own = failing.get(node);
    const cause = own === undefined || own.failed.error.length === 0
      ? failures.at(-1)?.error
      : decode(own.failed.error);
    const what = cause instanceof Error ? `: ${cause.name}: ${cause.message}` : "";
    const error = new Error(
      `${call} failed, which ${graph.describe(this.run.node(parent))} waits for${what}`,
      { cause },
    );
    error.name = "CallFailed";
    return { error: errorBytes(error) };
  }

  private async askPerson(
    batch: Batch,
    ask: Ask,
    parent: number,
    message: string,
    secret: boolean,
  ): Promise<void> {
    const { run } = this;
    try {
      const call = run.graph.describe(run.node(parent));
      const text = await run.ports.ask(
        { call, message, secret },
        (kind) =>
          run.options.tell(kind === "began" ? { kind: "prompt-began", call } : { kind: "prompt-ended" }),
      );
      this.answer(batch, ask, { text }, false);
    } catch (error) {
      this.answer(batch, ask, { error: errorBytes(error) }, false);
    }
  }
}
