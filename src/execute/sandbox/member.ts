/** A member whose attempts each have a process of their own, since each may do something else. */
import type { OpenStorage, ResultStorage } from "../../model/storage.ts";
import { unreachable } from "../../model/unreachable.ts";
import type { BatchSandbox } from "../executor.ts";
import type { Member, MemberListener } from "../member.ts";
import type { BatchMessage, CancelMessage, FromHost, OpenMessage, TaskInfo, ToHost } from "../protocol.ts";
import { Results } from "../host/results.ts";
import type { HeldModule } from "./held_module.ts";
import { sandboxFolder } from "./preparation.ts";
import { findProgram, type Program } from "./program.ts";
import { Sitting } from "./sitting.ts";

/** What sandboxed members are made from. */
export interface SandboxPlace {
  /** The module that makes a process a host of one attempt. */
  readonly host: HeldModule;
  /** Opens the real storage, on this side. */
  readonly openStorage: OpenStorage;
  /** What the process of a batch may do. */
  readonly sandboxOf: (batch: number) => BatchSandbox;
}

/** Makes a member. */
export function sandboxMember(place: SandboxPlace, listener: MemberListener, name: string): Member {
  return new SandboxMember(place, listener, name);
}

let sittings = 0;

class SandboxMember implements Member {
  readonly shared = false;
  private open: OpenMessage | undefined;
  private storage: ResultStorage | undefined;
  private program: Promise<Program | string> = Promise.resolve("");
  private readonly infos = new Map<number, TaskInfo>();
  /** Items that have not begun. */
  private waiting: { readonly batch: BatchMessage; readonly item: number }[] = [];
  private readonly sitting = new Set<Sitting>();
  /** By batch: how many of its items have not ended. */
  private readonly left = new Map<number, number>();
  private last: Sitting | undefined;
  private closed = false;
  private stopping = false;

  constructor(
    private readonly place: SandboxPlace,
    private readonly listener: MemberListener,
    private readonly name: string,
  ) {}

  get output(): { readonly stdout: string; readonly stderr: string } {
    return this.last?.output ?? { stdout: "", stderr: "" };
  }

  send(message: ToHost): void {
    switch (message.kind) {
      case "open":
        this.open = message;
        this.storage = this.place.openStorage(message);
        this.program = findProgram(this.place.host, {
          library: message.library,
          folder: sandboxFolder(message),
        });
        // Whoever waits for it hears.
        this.program.catch(() => {});
        return this.tell({ kind: "ready" });
      case "batch":
        for (const info of message.newTasks) this.infos.set(info.index, info);
        this.left.set(message.id, message.tasks.length);
        this.waiting.push(...message.tasks.map((_, item) => ({ batch: message, item })));
        return this.next();
      case "cancel":
        return this.cancel(message);
      case "reply":
        for (const reply of message.replies) {
          for (const one of this.sitting) {
            if (one.batch.id === reply.batch && one.item === reply.item) one.reply(reply);
          }
        }
        return;
      default:
        return unreachable(message);
    }
  }

  async kill(): Promise<boolean> {
    this.closed = true;
    this.waiting = [];
    await Promise.all([...this.sitting].map((one) => one.kill()));
    return true;
  }

  /** Tells the pool; not at once, for it must have noted the batch before it hears of it. */
  private tell(message: FromHost): void {
    queueMicrotask(() => {
      if (!this.closed) this.listener.message(message);
    });
  }

  /** Begins the next item, unless another is under way that does not wait for anything. */
  private next(): void {
    if (this.closed || [...this.sitting].some((one) => !one.isWaiting)) return;
    const next = this.waiting.shift();
    if (next === undefined) return;
    const { batch, item } = next;
    const sitting: Sitting = new Sitting(batch, item, this.infos.get(batch.tasks[item]!)!, {
      open: this.open!,
      storage: this.storage!,
      program: this.program,
      sandbox: this.place.sandboxOf(batch.id),
      name: `${this.name}-${sittings++}`,
      tell: (message) => this.tell(message),
      waiting: () => this.next(),
      over: (message) => {
        this.sitting.delete(sitting);
        this.tell(this.counted(batch, message));
        this.next();
      },
      gone: (why, reason) => {
        this.sitting.delete(sitting);
        this.last = sitting;
        if (!this.closed) this.listener.gone(why, reason);
      },
    });
    this.last = sitting;
    this.sitting.add(sitting);
    if (this.stopping) sitting.cancel({ kind: "cancel", batch: "all", reason: "cancelled" });
    void sitting.begin();
  }

  private cancel(message: CancelMessage): void {
    for (const one of this.sitting) {
      if (message.batch === "all" || one.batch.id === message.batch) one.cancel(message);
    }
    if (message.batch !== "all") return;
    this.stopping = true;
    for (const { batch, item } of this.waiting.splice(0)) {
      const results = new Results(batch.id);
      results.add(item, 0, "", undefined, undefined, { cancelled: true });
      this.tell(this.counted(batch, results.take(false)));
    }
  }

  /** A message about the end of an item, with whether it is the last of its batch. */
  private counted(batch: BatchMessage, message: FromHost): FromHost {
    const left = this.left.get(batch.id)! - 1;
    if (left > 0) this.left.set(batch.id, left);
    else this.left.delete(batch.id);
    return message.kind === "ended" ? { ...message, last: left === 0 } : message;
  }
}
