/** A member that is a Web Worker. */
import type { FromHost, ToHost, WarmMessage } from "../protocol.ts";
import type { Member, MemberListener } from "../member.ts";

/** The part of `navigator.locks` that tells of a worker's end: Deno gives no event when a worker closes itself. */
interface Locks {
  request(name: string, options: { readonly signal: AbortSignal }, then: () => void): Promise<void>;
}

/** How long a thread that was terminated may take to let go of its lock before it counts as abandoned, in milliseconds. */
const PATIENCE = 100;

/** Starts a Web Worker from the module at `url`, which must hold a host. */
export function webWorker(url: string, listener: MemberListener, lock: string): Member {
  const worker = new Worker(url, { type: "module", name: lock });
  const locks = (globalThis.navigator as unknown as { readonly locks?: Locks } | undefined)?.locks;
  const watching = new AbortController();
  let gone = false;
  let ready = false;
  let markGone = (): void => {};
  const ended = new Promise<void>((resolve) => markGone = resolve);
  const leave = (why: string): void => {
    if (gone) return;
    gone = true;
    markGone();
    listener.gone(why);
  };
  worker.onmessage = ({ data }: MessageEvent<FromHost>) => {
    if (data.kind === "ready") {
      ready = true;
      // The worker holds this lock for life; whoever gets it next knows that the worker is gone.
      locks?.request(lock, { signal: watching.signal }, () => leave("the worker ended")).catch(() => {});
    }
    listener.message(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    leave(`the worker broke: ${event.message}`);
  };
  worker.addEventListener("close", () => leave("the worker ended"));
  return {
    shared: true,
    send: (message: ToHost) => {
      const transfer = message.kind === "batch" && message.bytes.length > 65_536
        ? [message.bytes.buffer as ArrayBuffer]
        : [];
      worker.postMessage(message, transfer);
    },
    warm: () => worker.postMessage({ kind: "warm" } satisfies WarmMessage),
    kill: async () => {
      worker.terminate();
      if (locks === undefined || !ready || gone) {
        watching.abort();
        return true;
      }
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => timer = setTimeout(resolve, PATIENCE));
      await Promise.race([ended, late]);
      clearTimeout(timer);
      watching.abort();
      return gone;
    },
  };
}
