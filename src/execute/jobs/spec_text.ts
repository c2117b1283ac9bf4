/**
 * A specification as a text: JSON, which a process that has just begun reads in a tenth of the time that the codec would take, and
 * which people can read. What JSON does not know stands in it as what the codec makes of it, in base64. Pure.
 */
import { decode } from "../../model/codec/decode.ts";
import { encode } from "../../model/codec/encode.ts";
import type { ItemExtra, UpstreamValue } from "../protocol.ts";
import type { JobSpec } from "./job_spec.ts";

/** What holds bytes, as it stands in the text. */
type Texted<Holder> = Omit<Holder, "bytes"> & { readonly bytes: string };
type TextedExtra = Omit<ItemExtra, "latest"> & { readonly latest?: Texted<NonNullable<ItemExtra["latest"]>> };

/** A specification as JSON has it: nothing is `null`, and an infinite number too. */
interface Texts extends Omit<JobSpec, "open" | "batch"> {
  readonly open: Omit<JobSpec["open"], "params" | "inlineBytes"> & {
    readonly params: string;
    readonly inlineBytes: number | null;
  };
  readonly batch: Omit<JobSpec["batch"], "bytes" | "values" | "links" | "extras"> & {
    readonly bytes: string;
    readonly values: readonly (UpstreamValue | Texted<UpstreamValue>)[];
    readonly links: readonly (JobSpec["batch"]["links"][number] | null)[];
    readonly extras: readonly (TextedExtra | null)[];
  };
}

/** Writes bytes as base64. */
function texted<Holder extends { readonly bytes: Uint8Array }>(holder: Holder): Texted<Holder> {
  return { ...holder, bytes: holder.bytes.toBase64() };
}

/** Reads them. */
function untexted<Holder extends { readonly bytes: string }>(
  holder: Holder,
): Omit<Holder, "bytes"> & { readonly bytes: Uint8Array } {
  return { ...holder, bytes: Uint8Array.fromBase64(holder.bytes) };
}

function isEmpty(params: JobSpec["open"]["params"]): boolean {
  return Object.keys(params).length === 0;
}

/** The text of a specification. */
export function textOfSpec(spec: JobSpec): string {
  const { open, batch } = spec;
  const texts: Texts = {
    ...spec,
    // Whatever a user gives may be in them.
    open: { ...open, params: isEmpty(open.params) ? "" : encode(open.params).toBase64() },
    batch: {
      ...texted(batch),
      values: batch.values.map((value) =>
        value.bytes === undefined ? value : texted({ ...value, bytes: value.bytes })
      ),
      links: batch.links.map((links) => links ?? null),
      extras: batch.extras.map((extra) => {
        if (extra?.latest === undefined) return (extra as TextedExtra | undefined) ?? null;
        return { ...extra, latest: texted(extra.latest) };
      }),
    },
  };
  return JSON.stringify(texts);
}

/**
 * Reads it.
 *
 * @throws {SyntaxError} when it is no JSON.
 */
export function specOfText(text: string): JobSpec {
  const { open, batch, ...rest } = JSON.parse(text) as Texts;
  return {
    ...rest,
    open: {
      ...open,
      params: open.params === ""
        ? {}
        : decode(Uint8Array.fromBase64(open.params)) as JobSpec["open"]["params"],
      inlineBytes: open.inlineBytes ?? Infinity,
    },
    batch: {
      ...untexted(batch),
      values: batch.values.map((value) =>
        typeof value.bytes === "string" ? untexted(value as Texted<UpstreamValue>) : value as UpstreamValue
      ),
      links: batch.links.map((links) => links ?? undefined),
      extras: batch.extras.map((extra) => {
        if (extra === null) return undefined;
        const { latest, ...others } = extra;
        return latest === undefined ? others : { ...others, latest: untexted(latest) };
      }),
    },
  };
}
