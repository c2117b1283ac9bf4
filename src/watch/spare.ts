/** A thread that is started while nothing runs, so that the next run need not wait for one. */
import type { MakeMember, Member, MemberListener } from "../execute/member.ts";

/** A member that nobody has taken yet. */
interface Waiting {
  readonly member: Member;
  readonly lock: string;
  /** Who has taken it. */
  listener: MemberListener | undefined;
  gone: boolean;
}

let count = 0;

/** Keeps one member ready, once members of this kind have been asked for. */
export class Spare {
  private kind: MakeMember | undefined;
  private waiting: Waiting | undefined;

  /** Makes members of a kind: the one that waits, or a new one. */
  over(make: MakeMember): MakeMember {
    this.kind = make;
    return (listener, lock) => {
      const { waiting } = this;
      this.waiting = undefined;
      if (waiting === undefined || waiting.gone) return make(listener, lock);
      waiting.listener = listener;
      const { member } = waiting;
      return {
        shared: member.shared,
        // It holds the lock that it was watched by from the beginning.
        send: (message) =>
          member.send(message.kind === "open" ? { ...message, lock: waiting.lock } : message),
        kill: () => member.kill(),
      };
    };
  }

  /** Starts one, if none waits and somebody may want it. */
  warm(): void {
    if (this.kind === undefined || this.waiting !== undefined && !this.waiting.gone) return;
    const lock = `runner-spare-${crypto.randomUUID()}-${count++}`;
    // Declared before the listener that uses it; messages come later.
    let waiting: Waiting;
    const member = this.kind({
      message: (message) => waiting.listener?.message(message),
      gone: (why) => {
        waiting.gone = true;
        waiting.listener?.gone(why);
      },
    }, lock);
    member.warm?.();
    this.waiting = waiting = { member, lock, listener: undefined, gone: false };
  }

  /** Ends the one that waits. */
  async close(): Promise<void> {
    const { waiting } = this;
    this.waiting = this.kind = undefined;
    await waiting?.member.kill();
  }
}
