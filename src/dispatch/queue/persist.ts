/** Commands of queues that may work in a moment are tried again. */
import { type Queue, QueueError, type Submission } from "./queue.ts";

/** How often, and the first pause in milliseconds: the others double. */
const TRIES = 4, PAUSE = 500;

/**
 * Does something that a queue may refuse for the moment.
 *
 * @param over whether nobody waits for it any more.
 * @throws what `act` throws, when that is final or was tried often enough.
 */
export async function persist<Value>(
  act: () => Promise<Value>,
  wait: (millis: number) => Promise<void>,
  over: () => boolean,
): Promise<Value> {
  for (let attempt = 1;; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof QueueError) || !error.transient || attempt === TRIES || over()) throw error;
      await wait(PAUSE * 2 ** (attempt - 1));
    }
  }
}

/**
 * Submits, until it works or is known not to; what a queue has taken without saying so is not submitted again.
 *
 * @throws {QueueError} with what the queue says.
 */
export async function submitOnce(
  queue: Queue,
  submission: Submission,
  persistently: (act: () => Promise<readonly string[]>) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const { name, jobs } = submission;
  const find = () => queue.find(name, jobs.length).catch(() => undefined);
  let tried = false;
  try {
    return await persistently(async () => {
      const taken = tried ? await find() : undefined;
      tried = true;
      return taken ?? await queue.submit(submission);
    });
  } catch (error) {
    const taken = error instanceof QueueError && error.transient ? await find() : undefined;
    if (taken === undefined) throw error;
    return taken;
  }
}
