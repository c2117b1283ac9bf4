/** What a running task may ask of the run it is part of, and the answers: data that crosses between threads. */

/** Calls to be run, as an expression: their values are wanted, or they are only to be started. */
export interface AskCalls {
  readonly kind: "calls";
  /** The codec's bytes of an `Expression`. */
  readonly expression: Uint8Array;
  /** Whether their values are wanted. */
  readonly wait: boolean;
  /** So many of them are handed out together; 0 is as many as seem right. */
  readonly chunk: number;
}
/** Calls by name. */
export interface AskNames {
  readonly kind: "names";
  /** Names and patterns. */
  readonly patterns: readonly string[];
  /** Only what they are called, that they start, or their values. */
  readonly want: "names" | "start" | "values";
}
/** An answer from whoever sits at the terminal. */
export interface AskPerson {
  readonly kind: "person";
  readonly message: string;
  /** What is typed is not shown. */
  readonly secret: boolean;
}

/** What is asked. */
export type Asked = AskCalls | AskNames | AskPerson;

/** One question of one attempt. */
export interface Ask {
  /** The number of the question, unique in its host. */
  readonly id: number;
  /** The batch and item that ask. */
  readonly batch: number;
  readonly item: number;
  readonly asked: Asked;
}

/** A value in an answer. */
export interface ReplyValue {
  /** The name or readable text of the call. */
  readonly name: string;
  readonly task: string;
  readonly key: string;
  readonly digest: string;
  /** The codec's bytes, or the file that holds them. */
  readonly bytes?: Uint8Array;
  readonly file?: string;
}

/** An answer. */
export interface Reply {
  readonly id: number;
  /** The batch and item that asked. */
  readonly batch: number;
  readonly item: number;
  /** Why there is none: the codec's bytes of an error. */
  readonly error?: Uint8Array;
  /** The values, in the order of the question's roots or of the names. */
  readonly values?: readonly ReplyValue[];
  /** The names that patterns mean. */
  readonly names?: readonly string[];
  /** What was typed. */
  readonly text?: string;
}
