/** The one error the codec throws. */

/**
 * Why a value could not be encoded or bytes could not be decoded: `unsupported` = the value holds something
 * that has no stored form, `too-large` = it would not fit in 2^32-1 bytes, `corrupt` = the bytes were not
 * written by this codec.
 */
export type CodecErrorKind = "unsupported" | "too-large" | "corrupt";

/** A value the codec cannot hold, or bytes it cannot read; `path` names the place inside the value. */
export class CodecError extends Error {
  /** The class of failure. */
  readonly kind: CodecErrorKind;
  /** The place inside the value, such as `input.opts.callback`, or the byte offset for corrupt bytes. */
  readonly path: string;

  /** Makes the error; the message is the path followed by the problem. */
  constructor(kind: CodecErrorKind, path: string, problem: string, options?: ErrorOptions) {
    super(path === "" ? problem : `${path} ${problem}`, options);
    this.name = "CodecError";
    this.kind = kind;
    this.path = path;
  }
}

/** The error for bytes that this codec did not write, found at byte `offset`. */
export function corrupt(offset: number, problem: string, options?: ErrorOptions): CodecError {
  return new CodecError("corrupt", `byte ${offset}:`, problem, options);
}
