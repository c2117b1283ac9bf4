/** One thread or process that runs tasks, as the pool sees it. */
import type { FromHost, ToHost } from "./protocol.ts";

/** How an attempt fails whose member is lost. */
export type LostReason = "crash" | "oom";

/** What a member tells its pool. */
export interface MemberListener {
  /** A message of its host. */
  message(message: FromHost): void;
  /** It is gone, whoever ended it; `why` is for people, `reason` what that is for its attempt: `crash` unless said otherwise. */
  gone(why: string, reason?: LostReason): void;
}

/** A thread or process with a host inside. */
export interface Member {
  /** Sends a message to the host. */
  send(message: ToHost): void;
  /** Has it load what tasks will need, whichever they are: there is no work yet. */
  warm?(): void;
  /** Ends it. Resolves to whether it is really gone: a busy thread may not be. */
  kill(): Promise<boolean>;
  /** Whether items it has not begun can be taken back without asking it. */
  readonly shared: boolean;
  /** The files behind its standard streams, if it has its own. */
  readonly output?: { readonly stdout: string; readonly stderr: string };
}

/**
 * Makes a member; it listens from then on. `heap` is what its own heap may hold, in megabytes, where it has one and somebody has
 * said so.
 */
export type MakeMember = (listener: MemberListener, lock: string, heap?: number) => Member;

/** Time, as far as executors need it: moved by hand in tests. */
export interface Clock {
  /** Calls back after some milliseconds; the returned function calls it off. */
  after(millis: number, callback: () => void): () => void;
}
