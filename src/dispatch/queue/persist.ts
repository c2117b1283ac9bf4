/** Commands of queues that may work in a moment are tried again. */
import { QueueError } from "./queue.ts";

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
