/** Questions of attempts on their way to the run and back: many that are asked at once travel together. */
import { decode } from "../../model/codec/decode.ts";
import type { Ask, Asked, Reply } from "../../model/ask.ts";
import type { FromHost } from "../protocol.ts";

/** Whoever asks. */
export interface Asking {
  readonly batch: { readonly id: number };
  readonly item: number;
  /** It has begun to wait for one thing more. */
  beginWait(): void;
  /** One thing it waited for is there. */
  endWait(): void;
}

interface Open {
  readonly asking: Asking;
  readonly waits: boolean;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/** The questions of one host. */
export class Asker {
  private next = 0;
  private readonly open = new Map<number, Open>();
  private queue: Ask[] = [];

  constructor(private readonly send: (message: FromHost) => void) {}

  /** Asks; with `waits`, the attempt has nothing else to do until it is answered. */
  ask(asking: Asking, asked: Asked, waits: boolean): Promise<Reply> {
    const id = this.next++;
    if (this.queue.push({ id, batch: asking.batch.id, item: asking.item, asked }) === 1) {
      queueMicrotask(() => {
        const asks = this.queue;
        this.queue = [];
        this.send({ kind: "ask", asks });
      });
    }
    if (waits) asking.beginWait();
    return new Promise((resolve, reject) => this.open.set(id, { asking, waits, resolve, reject }));
  }

  /** Takes answers. */
  receive(replies: readonly Reply[]): void {
    for (const reply of replies) {
      const open = this.open.get(reply.id);
      if (open === undefined) continue;
      this.open.delete(reply.id);
      if (open.waits) open.asking.endWait();
      if (reply.error === undefined) open.resolve(reply);
      else open.reject(decode(reply.error));
    }
  }

  /** Nobody will answer an attempt any more. */
  giveUp(asking: Asking, reason: unknown): void {
    for (const [id, open] of this.open) {
      if (open.asking !== asking) continue;
      this.open.delete(id);
      if (open.waits) asking.endWait();
      open.reject(reason);
    }
  }
}
