/**
 * What a sandboxed attempt has found out, found out again by whoever stores its result: files and parameters are looked at here,
 * and calls are those that were really asked for. Of the attempt's own word only remains what it read, and in which order.
 */
import type { Asked, Reply } from "../../model/ask.ts";
import type { TracedCalls } from "../../model/trace.ts";
import type { Attempt } from "../host/attempt.ts";
import { type ClaimedTrace, NoClaim } from "./claims.ts";

/** A question that a result rests on, with its answer, as both went through the pipe. */
export interface HeardAsk {
  readonly id: number;
  readonly calls: TracedCalls;
  reply: Reply | undefined;
}

/** What a question asks for, if the result of whoever asks rests on it. */
export function tracedCalls(asked: Asked): TracedCalls | undefined {
  switch (asked.kind) {
    case "calls":
      return { expression: asked.expression, wait: asked.wait };
    case "names":
      return asked.want === "names" ? undefined : { patterns: asked.patterns, wait: asked.want === "values" };
    case "person":
      return undefined;
  }
}

/**
 * Notes with an attempt what it has found out.
 *
 * @throws {NoClaim} when what is claimed does not fit what was heard.
 */
export function findAgain(
  attempt: Attempt,
  claimed: ClaimedTrace | undefined,
  heard: readonly HeardAsk[],
): void {
  if (claimed === undefined && heard.length === 0) return;
  const { findings } = attempt;
  const { files, params, known } = claimed ?? { files: [], params: [], known: [] };
  const watched = attempt.params();
  let [seen, read, answered] = [0, 0, 0];
  const learn = (upTo: { readonly files: number; readonly params: number; readonly asks: number }): void => {
    for (; seen < upTo.files; seen++) attempt.dep([files[seen]!]);
    for (; read < upTo.params; read++) {
      const name = params[read]!;
      if (name === "*") Object.keys(watched);
      else void watched[name];
    }
    for (; answered < upTo.asks; answered++) {
      const { reply } = heard[answered]!;
      if (reply?.values === undefined && heard[answered]!.calls.wait) {
        throw new NoClaim("a call has no answer yet");
      }
      findings.answer(answered, reply?.values ?? []);
    }
  };
  if (known.length > 0 && known.length !== heard.length) {
    throw new NoClaim("it has made calls that nobody heard of");
  }
  // Without a word of how much it knew, nothing can be said about when its calls may be made again.
  if (known.length !== heard.length) findings.fail();
  else {
    for (const [index, one] of known.entries()) {
      const fits = one.files >= seen && one.files <= files.length && one.params >= read &&
        one.params <= params.length && one.asks >= answered && one.asks <= index;
      if (!fits) throw new NoClaim("it knew what it could not know");
      learn(one);
      findings.addAsk(heard[index]!.calls);
    }
  }
  learn({ files: files.length, params: params.length, asks: answered });
  for (const [index, { calls, reply }] of heard.entries()) {
    if (reply?.error !== undefined) findings.fail();
    else if (
      index >= answered && known.length === heard.length && (reply?.values !== undefined || !calls.wait)
    ) {
      findings.answer(index, reply?.values ?? []);
    }
  }
}
