/** A pool's surroundings, moved by hand: a clock, members that do what they are told, a listener that takes notes. */
import type { Ask } from "../../src/model/ask.ts";
import type { Batch, ExecutorListener } from "../../src/execute/executor.ts";
import type { Clock, Member, MemberListener } from "../../src/execute/member.ts";
import { Pool, type PoolOptions } from "../../src/execute/pool.ts";
import type { EndedMessage, FailedItem, SpecialItem, TaskInfo, ToHost } from "../../src/execute/protocol.ts";
import { Control } from "../../src/execute/control.ts";
import { decode } from "../../src/model/codec/decode.ts";
import { encode } from "../../src/model/codec/encode.ts";
import { NO_TIMEOUT, readTimeouts, type TimeoutRule, watchesAttempts } from "../../src/model/timeout.ts";

/** Time that stands still until it is moved. */
export class HandClock implements Clock {
  private now = 0;
  private readonly timers = new Map<symbol, { readonly at: number; readonly callback: () => void }>();

  after(millis: number, callback: () => void): () => void {
    const timer = Symbol();
    this.timers.set(timer, { at: this.now + millis, callback });
    return () => this.timers.delete(timer);
  }
  /** Moves time on, timer by timer. */
  move(millis: number): void {
    const until = this.now + millis;
    while (true) {
      const [next] = [...this.timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined) break;
      this.timers.delete(next[0]);
      this.now = next[1].at;
      next[1].callback();
    }
    this.now = until;
  }
  /** How many timers are set. */
  get pending(): number {
    return this.timers.size;
  }
}

/** A member that a test speaks for. */
export class FakeMember implements Member {
  readonly sent: ToHost[] = [];
  readonly shared: boolean;
  killed = false;
  private readonly control: () => Control;
  constructor(
    readonly listener: MemberListener,
    shared: boolean,
    private readonly dies: boolean,
    readonly heap: number | undefined,
  ) {
    this.shared = shared;
    this.control = () => {
      const open = this.sent[0];
      if (open?.kind !== "open" || open.control === undefined) throw new Error("there is no shared memory");
      return new Control(open.control);
    };
  }
  send(message: ToHost): void {
    this.sent.push(message);
    if (message.kind === "open") this.listener.message({ kind: "ready" });
  }
  kill(): Promise<boolean> {
    this.killed = true;
    return Promise.resolve(this.dies);
  }
  /** The kinds of messages after the first, with what they are about. */
  get told(): readonly string[] {
    return this.sent.slice(1).map((message) =>
      message.kind === "cancel"
        ? `cancel ${message.batch} ${message.reason}`
        : message.kind === "batch"
        ? `batch ${message.id}`
        : message.kind
    );
  }
  /** Begins the next item of a batch, as a host does. */
  claim(id: number): number {
    const batch = this.sent.find((one) => one.kind === "batch" && one.id === id);
    if (batch?.kind !== "batch") throw new Error(`there is no batch ${id}`);
    return this.control().next(batch.lane, batch.slot);
  }
  begin(id: number): void {
    this.listener.message({ kind: "begun", batch: id });
  }
  /** Ends items. */
  end(
    id: number,
    items: readonly number[],
    last: boolean,
    special: readonly (readonly [number, SpecialItem])[] = [],
  ): void {
    const none = items.map(() => 0);
    this.listener.message({
      kind: "ended",
      batch: id,
      items,
      millis: none,
      digests: items.map(() => ""),
      stamps: items.map(() => undefined),
      bytes: new Uint8Array(),
      ends: none,
      special,
      last,
    });
  }
}

/** What a pool told, as lines. */
export class Notes implements ExecutorListener {
  readonly lines: string[] = [];
  ended(batch: Batch, message: EndedMessage): void {
    this.lines.push(...message.items.map((item) => `ended ${batch.nodes[item]}`));
  }
  failed(batch: Batch, item: number, failed: FailedItem): void {
    const { message } = decode(failed.error) as Error;
    this.lines.push(`failed ${batch.nodes[item]} ${failed.reason}: ${message}`);
  }
  cancelled(batch: Batch, item: number): void {
    this.lines.push(`cancelled ${batch.nodes[item]}`);
  }
  returned(nodes: readonly number[]): void {
    this.lines.push(`returned ${nodes.join(" ")}`);
  }
  asked(batch: Batch, ask: Ask): void {
    this.lines.push(`asked ${batch.nodes[ask.item]} ${ask.asked.kind}`);
  }
  warned(message: string): void {
    this.lines.push(`warned ${message}`);
  }
  broken(message: string): void {
    this.lines.push(`broken ${message}`);
  }
  /** Takes the lines so far. */
  take(): string[] {
    return this.lines.splice(0);
  }
}

/** What hosts are told of a task that is nowhere defined. */
export const plainInfo = (index: number): TaskInfo => ({
  index,
  name: `t${index}`,
  frames: [],
  modules: [],
  store: false,
  code: { digest: "", parts: {} },
  env: [],
});

/** What hosts are opened with that keep nothing anywhere. */
export const NOWHERE: PoolOptions["open"] = {
  logs: "/nowhere",
  spill: "/nowhere",
  cache: undefined,
  readable: undefined,
  inlineBytes: 1,
  digests: false,
  run: "run",
  params: {},
  cwd: "/nowhere",
  modules: [],
  library: "",
};

/** A pool with all of that. */
export class PoolPlace {
  readonly clock: HandClock = new HandClock();
  readonly notes: Notes = new Notes();
  readonly members: FakeMember[] = [];
  readonly pool: Pool;
  private ids = 0;
  constructor({ size = 1, shared = true, dies = true, logs = "/nowhere" } = {}) {
    this.pool = new Pool({
      size,
      clock: this.clock,
      listener: this.notes,
      make: (listener, _lock, heap) => {
        const member = new FakeMember(listener, shared, dies, heap);
        this.members.push(member);
        return member;
      },
      infoOf: plainInfo,
      open: { ...NOWHERE, logs },
    });
  }
  /** Starts nodes on a lane; gives the batch's id. */
  start(
    lane: number,
    nodes: readonly number[],
    timeout: number | Partial<TimeoutRule> = 0,
    heap?: number,
    timeLeft = 0,
  ): number {
    const rule = { ...NO_TIMEOUT, ...readTimeouts(timeout) };
    const id = this.ids++;
    const each = <T>(value: T): T[] => nodes.map(() => value);
    this.pool.start({
      id,
      lane,
      nodes,
      tasks: each(0),
      attempts: each(1),
      keys: each("00"),
      validities: each(""),
      bytes: new Uint8Array(),
      ends: [...each(0), ...each(0)],
      values: [],
      links: [],
      extras: [],
      announce: watchesAttempts(rule),
      timeout: rule,
      timeLeft,
      ...(heap !== undefined && { heap }),
    });
    return id;
  }
}

/** A failed item. */
export function failedItem(reason: FailedItem["reason"] = "error"): FailedItem {
  return { reason, error: encode(new Error(reason)), errorName: "Error", retriable: true };
}
