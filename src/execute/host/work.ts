/** Work that a task hands to the run it is part of: `ctx.run`, `ctx.start`, `ctx.map` and their like. */
import type { Asked, Reply, ReplyValue } from "../../model/ask.ts";
import { decode } from "../../model/codec/decode.ts";
import { encode } from "../../model/codec/encode.ts";
import { link, PickError, unlink } from "../../model/call.ts";
import { callText } from "../../model/call_text.ts";
import type { Wanted } from "../../model/definition.ts";
import { packExpression } from "../../model/expression.ts";
import type { Future } from "../../model/future.ts";
import type { TracedCalls } from "../../model/trace.ts";
import type { Asker, Asking } from "./asker.ts";
import type { Findings } from "./finding.ts";

/** What work needs of its attempt. */
export interface Worker extends Asking {
  readonly findings: Findings;
  /** Reads a value that lies in a file. */
  readonly read: (value: ReplyValue) => Uint8Array;
}

/** The work of one attempt. */
export class Work {
  constructor(private readonly worker: Worker, private readonly asker: Asker) {}

  /** Values of a future, a structure of futures, or calls by name. */
  async run(target: unknown): Promise<unknown> {
    if (typeof target === "string") {
      const { reply, values } = await this.named([target], "values");
      const [only] = values;
      return reply.names!.length === 1 && reply.names![0] !== undefined && !/[*?]/.test(target)
        ? only
        : this.byName(reply, values);
    }
    return await this.calls(target, true, 0);
  }

  /** Starts calls. */
  async start(targets: readonly Wanted[]): Promise<void> {
    const names = targets.filter((target) => typeof target === "string");
    const rest = targets.filter((target) => typeof target !== "string");
    if (names.length > 0) await this.named(names, "start");
    if (rest.length > 0) await this.calls(rest, false, 0);
  }

  /** What patterns mean. */
  async create(pattern: string): Promise<readonly string[]> {
    return (await this.asker.ask(this.worker, { kind: "names", patterns: [pattern], want: "names" }, false))
      .names!;
  }

  /** Values by name. */
  async wait(names: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const { reply, values } = await this.named(names, "values");
    return this.byName(reply, values);
  }

  /** A task on many items. */
  async map<Item, Value>(
    items: Iterable<Item>,
    task: (item: Item) => Future<Value>,
    chunk: number | "auto",
  ): Promise<Value[]> {
    if (chunk !== "auto" && !(Number.isInteger(chunk) && chunk > 0)) {
      throw new RangeError(`ctx.map: \`chunk\` is a whole number from 1 up, or "auto", not ${chunk}`);
    }
    const calls = Array.from(items, (item) => task(item));
    if (calls.length === 0) return [];
    return await this.calls(calls, true, chunk === "auto" ? 0 : chunk) as Value[];
  }

  private byName(reply: Reply, values: readonly unknown[]): Record<string, unknown> {
    return Object.fromEntries(reply.names!.map((name, index) => [name, values[index]]));
  }

  private async named(
    patterns: readonly string[],
    want: "start" | "values",
  ): Promise<{ readonly reply: Reply; readonly values: readonly unknown[] }> {
    const wait = want === "values";
    const reply = await this.ask({ patterns, wait }, { kind: "names", patterns, want });
    return { reply, values: (reply.values ?? []).map((value) => this.decoded(value)) };
  }

  private async calls(target: unknown, wait: boolean, chunk: number): Promise<unknown> {
    const linked = link(target, { canonical: false, root: "target" });
    const bytes = linked.bytes.slice();
    if (linked.upstreams.length === 0) return wait ? decode(bytes) : undefined;
    const expression = encode(packExpression(bytes, linked.upstreams));
    const reply = await this.ask({ expression, wait }, { kind: "calls", expression, wait, chunk });
    if (!wait) return undefined;
    const values = reply.values!;
    try {
      return unlink(bytes, (number) => this.decoded(values[number]!));
    } catch (error) {
      if (!(error instanceof PickError)) throw error;
      throw error.of(callText(linked.upstreams[error.number]!));
    }
  }

  /** Asks, and notes that the result rests on it. */
  private async ask(calls: TracedCalls, asked: Asked): Promise<Reply> {
    const { findings } = this.worker;
    const number = findings.addAsk(calls);
    try {
      const reply = await this.asker.ask(this.worker, asked, calls.wait);
      findings.answer(number, reply.values ?? []);
      return reply;
    } catch (error) {
      findings.fail();
      throw error;
    }
  }

  private decoded(value: ReplyValue): unknown {
    return decode(value.bytes ?? this.worker.read(value));
  }
}
