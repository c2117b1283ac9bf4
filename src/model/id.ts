/** Identifiers, told apart by the compiler and made in one place. */

/** A text that the compiler tells from all others; at run time it is only a text. */
export type Branded<Kind extends string> = string & { readonly __kind: Kind };

/** The identity of a call: 40 hex characters of the SHA-256 of task name and canonical input. */
export type Key = Branded<"key">;
/** What an entry's validity rests on (code, upstream results, environment): 32 hex characters. */
export type Validity = Branded<"validity">;
/** The SHA-256 of bytes: 64 hex characters. */
export type Digest = Branded<"digest">;
/** One execution of a graph: sortable by time, unique. */
export type RunId = Branded<"run">;

/** Takes a text for a key; the caller has made sure that it is one. */
export const asKey = (text: string): Key => text as Key;
/** Takes a text for a validity; the caller has made sure that it is one. */
export const asValidity = (text: string): Validity => text as Validity;
/** Takes a text for a digest; the caller has made sure that it is one. */
export const asDigest = (text: string): Digest => text as Digest;
/** Takes a text for a run's id; the caller has made sure that it is one. */
export const asRunId = (text: string): RunId => text as RunId;
