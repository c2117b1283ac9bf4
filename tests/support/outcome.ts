/** What became of a run that is expected to fail. */
import { type NodeFailure, RunFailed } from "../../mod.ts";

/** The failures of a run; it is an error if there are none. */
export async function failuresOf(run: Promise<unknown>): Promise<readonly NodeFailure[]> {
  const error = await errorOf(run);
  if (error instanceof RunFailed) return error.failures;
  throw error;
}

/** What a promise is rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}
