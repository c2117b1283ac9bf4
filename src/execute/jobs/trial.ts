/**
 * A job that a person runs once more, to see why it failed: in the foreground, whoever has had it. Nothing of it is stored in the
 * cache and nobody is told, so it can do no harm to a run: what its task writes itself, it writes.
 */
import { encode } from "../../model/codec/encode.ts";
import { EnvironmentError } from "../../model/failure.ts";
import type { SourceFile } from "../../model/source.ts";
import { turn } from "../../runtime/turn.ts";
import { complain } from "../../runtime/program.ts";
import { Host } from "../host/host.ts";
import { changedFiles } from "../host/sources.ts";
import type { FromHost, TaskInfo } from "../protocol.ts";
import type { AgentPlace } from "./agent.ts";
import { claimOf, isRunning } from "./claim.ts";
import { errorText, folderOf, readSpec } from "./spec_file.ts";

const NO_RUN =
  "this call asks its run for something (calls to be made, an answer), and there is no run when a job is tried by hand";

/**
 * Runs a job to its end.
 *
 * @returns the exit code: 0 when all attempts succeeded, 1 when one failed.
 * @throws {EnvironmentError} when the job cannot be run here, or is being run here at this moment.
 */
export async function tryJob(file: string, place: AgentPlace): Promise<number> {
  const spec = await readSpec(file, place.version);
  const claim = claimOf(folderOf(file));
  if (claim?.by === "run" && isRunning(claim)) {
    throw new EnvironmentError(
      `process ${claim.pid} on this host is running the job: wait for its end, or end it`,
    );
  }
  const { open: { keepFailed: _kept, ...open }, batch } = spec;
  const outdated = changedFiles(batch.newTasks.flatMap(sourceFiles));
  if (outdated.length > 0) {
    const paths = [...new Set(outdated)].join(", ");
    say(`${paths}: not as the run has read it; the job is tried with what is there now`);
  }
  const newTasks = batch.newTasks.map(({ sources: _, ...info }) => info);
  const all = batch.tasks.length;
  let left = all, succeeded = 0;
  let over = false, exited = false;
  const conclude = (): void => {
    over = true;
    say(`${succeeded} of ${all} succeeded; nothing was stored, nobody was told`);
  };
  return await new Promise<number>((resolve, reject) => {
    const told = (message: FromHost): void => {
      // What comes then says that its batch is over, or once more that the process is to end.
      if (over) return;
      switch (message.kind) {
        case "ended":
          for (const [, { failed, lost, skipped }] of message.special) {
            if (failed !== undefined) say(errorText(failed.error));
            if (lost !== undefined) {
              say("a result that it needs is not there any more: the run has to make it again");
            }
            if (skipped !== undefined) say(`skipped: ${skipped}`);
            if (failed !== undefined || lost !== undefined) succeeded--;
          }
          left -= message.items.length;
          succeeded += message.items.length;
          if (left > 0) return;
          conclude();
          return resolve(succeeded < all ? 1 : 0);
        case "ask": {
          const error = encode(new Error(NO_RUN));
          const replies = message.asks.map(({ id, batch, item }) => ({ id, batch, item, error }));
          return host.receive({ kind: "reply", replies });
        }
        case "exiting":
          exited = true;
          say(errorText(message.error));
          return conclude();
        case "warning":
          return say(message.message);
        case "broken":
          return reject(new EnvironmentError(message.message));
        case "ready":
        case "begun":
          return;
      }
    };
    const host = new Host({
      openStorage: place.openStorage,
      exit: (code) => place.exit(exited ? 1 : code),
      prepare: place.prepare,
      send: told,
      turn,
    });
    void place.severalAtOnce().then(() => {
      host.receive({ ...open, cache: undefined, inlineBytes: Infinity, uncaught: true });
      host.receive({ ...batch, newTasks, announce: false });
    }, reject);
  });
}

/** All files that the results of a task rest on. */
function sourceFiles({ sources }: TaskInfo): readonly SourceFile[] {
  return sources === undefined ? [] : [...sources.late, ...sources.loaded.flatMap(([, files]) => files)];
}

function say(text: string): void {
  complain(`runner: ${text}\n`);
}
