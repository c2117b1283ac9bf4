/** A member on the main thread itself, for debugging: breakpoints and stack traces are where one looks for them. */
import { tellApart } from "../host/apart.ts";
import { Host } from "../host/host.ts";
import type { Member, MemberListener } from "../member.ts";
import type { OpenStorage } from "../../model/storage.ts";

/** Makes a host in this very thread. */
export function inlineMember(listener: MemberListener, openStorage: OpenStorage): Member {
  let live = true;
  const host = new Host({
    openStorage,
    exit: undefined,
    prepare: tellApart,
    // Not at once: the pool must have noted the batch before it hears of it.
    send: (message) => queueMicrotask(() => live && listener.message(message)),
  });
  return {
    shared: true,
    send: (message) => host.receive(message),
    kill: () => {
      live = false;
      return Promise.resolve(true);
    },
  };
}
