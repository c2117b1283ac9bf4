/** Calls for people. */
import { type Call, unlink } from "./call.ts";
import { fillName } from "./name.ts";
import { readableCall, Reference } from "./readable.ts";

/** A call as it is shown: the task's name filled out, and its input, in which other calls stand as name and key. */
export function callText({ task, bytes, upstreams }: Call<unknown>): string {
  const input = unlink(bytes, (number) => {
    const upstream = upstreams[number]!;
    return new Reference(`${upstream.task.name}‹${upstream.key.slice(0, 8)}›`);
  });
  return task.name.includes("[") ? fillName(task.name, input) : readableCall(task.name, input);
}
