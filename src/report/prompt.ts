/** Asking whoever sits at the terminal, one question at a time. */
import process from "node:process";
import { createInterface } from "node:readline/promises";

/** A question of a task. */
export interface Question {
  /** The call that asks, readable. */
  readonly call: string;
  readonly message: string;
  /** What is typed is not shown. */
  readonly secret: boolean;
}

/** The question that is being asked; the next one waits for it. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Asks a question at the terminal.
 *
 * @param tell is told when the terminal is taken and when it is free again.
 * @throws {Error} where there is no terminal, or the answer was cut off.
 */
export function askAtTerminal(question: Question, tell: (kind: "began" | "ended") => void): Promise<string> {
  if (process.stdin.isTTY !== true) {
    return Promise.reject(
      new Error(
        `${question.call} asks "${question.message}", and there is no terminal to ask at: give it what it wants by its input or by --param, or run it in a terminal`,
      ),
    );
  }
  const answer = last.then(async () => {
    tell("began");
    try {
      return await (question.secret ? readSecret(question) : readLine(question));
    } finally {
      tell("ended");
    }
  });
  last = answer.catch(() => {});
  return answer;
}

/** Said when the input ends (Ctrl-D) before there is an answer. */
const ENDED = "the input ended before there was an answer";

/** The text before the cursor. */
function lead({ call, message }: Question): string {
  return `${call}: ${message} `;
}

async function readLine(question: Question): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new AbortController();
  reader.once("SIGINT", () => {
    interrupted.abort();
    process.kill(process.pid, "SIGINT");
  });
  try {
    const asked = reader.question(lead(question), { signal: interrupted.signal });
    const ended = new Promise<undefined>((resolve) => reader.once("close", () => resolve(undefined)));
    const answer = await Promise.race([asked, ended]);
    if (answer !== undefined) return answer;
    process.stderr.write("\n");
    throw new Error(ENDED);
  } finally {
    reader.close();
    process.stdin.pause();
  }
}

/** Reads a line key by key, so that nothing of it is shown. */
function readSecret(question: Question): Promise<string> {
  const { stdin, stderr } = process;
  // Before the question is there: a key that is pressed at once must neither be shown nor be lost.
  stdin.setRawMode(true);
  return new Promise((resolve, reject) => {
    let text = "";
    const end = (settle: () => void): void => {
      stdin.off("data", take);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      settle();
    };
    const take = (chunk: Uint8Array): void => {
      for (const character of new TextDecoder().decode(chunk)) {
        if (character === "\r" || character === "\n") return end(() => resolve(text));
        if (character === "\x03" || character === "\x04") {
          return end(() => {
            reject(new Error(character === "\x03" ? "the answer was cut off" : ENDED));
            if (character === "\x03") process.kill(process.pid, "SIGINT");
          });
        }
        text = character === "\x7f" || character === "\b" ? text.slice(0, -1) : text + character;
      }
    };
    stdin.on("data", take);
    stdin.resume();
    stderr.write(lead(question));
  });
}
