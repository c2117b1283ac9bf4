/** The executor of tasks that may do only what they declare. */
import type { OpenStorage } from "../../model/storage.ts";
import type { Reply } from "../../model/ask.ts";
import type { Batch, BatchSandbox, Executor } from "../executor.ts";
import { Pool, type PoolOptions } from "../pool.ts";
import type { HeldModule } from "./held_module.ts";
import { sandboxMember } from "./member.ts";

/** How it is set up. */
export interface SandboxOptions extends Omit<PoolOptions, "make"> {
  /** The module that makes a process a host of one attempt. */
  readonly host: HeldModule;
  /** Opens the real storage. */
  readonly openStorage: OpenStorage;
}

/** Nothing. */
const NOTHING: BatchSandbox = { permissions: {}, hermetic: false };

/** A pool of members that start a process for each attempt. */
export class SandboxExecutor implements Executor {
  private readonly pool: Pool;
  /** By batch: what it may do. */
  private readonly rules = new Map<number, BatchSandbox>();

  constructor({ host, openStorage, ...options }: SandboxOptions) {
    const { listener } = options;
    const sandboxOf = (batch: number): BatchSandbox => this.rules.get(batch) ?? NOTHING;
    this.pool = new Pool({
      ...options,
      make: (told, name) => sandboxMember({ host, openStorage, sandboxOf }, told, name),
      listener: {
        ended: (batch, message) => {
          if (message.last) this.rules.delete(batch.id);
          listener.ended(batch, message);
        },
        failed: (batch, item, failed, output) => listener.failed(batch, item, failed, output),
        cancelled: (batch, item) => listener.cancelled(batch, item),
        returned: (nodes) => listener.returned(nodes),
        asked: (batch, ask) => listener.asked(batch, ask),
        warned: (message, cacheFailed) => listener.warned(message, cacheFailed),
        broken: (message) => listener.broken(message),
      },
    });
  }

  start(batch: Batch): void {
    this.rules.set(batch.id, batch.sandbox ?? NOTHING);
    this.pool.start(batch);
  }

  recall(lane: number, count: number): readonly number[] {
    return this.pool.recall(lane, count);
  }

  reply(batch: number, replies: readonly Reply[], resumes: boolean): void {
    this.pool.reply(batch, replies, resumes);
  }

  cancel(hard: boolean): void {
    this.pool.cancel(hard);
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  outputOf(node: number): readonly string[] {
    return this.pool.outputOf(node);
  }

  get abandoned(): number {
    return this.pool.abandoned;
  }
}
