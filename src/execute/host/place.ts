/** The place that a host lives in: a thread, a process of its own, a job, or the main thread. */
import type { OpenStorage } from "../../model/storage.ts";
import type { FromHost, OpenMessage } from "../protocol.ts";

/** What a host needs of the place it lives in. */
export interface HostPlace {
  /** Sends a message to the main thread. */
  readonly send: (message: FromHost, transfer?: Transferable[]) => void;
  /** Opens the place for results. */
  readonly openStorage: OpenStorage;
  /** Ends this thread or process now; `undefined` where the host shares the main thread. */
  readonly exit: ((code: number) => void) | undefined;
  /** Is told when all that a batch needs is loaded, before its first attempt begins. */
  readonly beginning?: () => void;
  /** Is told when an attempt has not ended at once. */
  readonly waiting?: () => void;
  /** Lets the event loop turn once; `setImmediate` unless said otherwise. */
  readonly turn?: () => Promise<unknown>;
  /** Its environment may be another than that of the run, which has looked at what tasks declare of it. */
  readonly elsewhere?: boolean;
  /** Whether an item of a batch is not to be run: it has been before. */
  readonly skips?: (item: number) => boolean;
  /** Runs once, before anything is loaded. */
  readonly prepare: (message: OpenMessage) => Promise<void> | void;
}
