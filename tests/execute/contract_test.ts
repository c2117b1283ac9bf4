import { childProcess } from "../../src/execute/members/child_process.ts";
import { inlineMember } from "../../src/execute/members/inline.ts";
import { webWorker } from "../../src/execute/members/web_worker.ts";
import { sandboxMember } from "../../src/execute/sandbox/member.ts";
import { selfCommand } from "../../src/runtime/runtime.ts";
import { openStorage } from "../../src/store/storage.ts";
import { executorContract } from "../support/executor_contract.ts";

const entry = (name: string): string => new URL(`../../${name}`, import.meta.url).href;

executorContract(
  "worker",
  () => (listener, lock) => webWorker(entry("workers/task_worker.ts"), listener, lock),
);
executorContract(
  "process",
  (logs) => (listener, lock) => childProcess(selfCommand(entry("cli.ts")), logs, listener, lock),
);
executorContract("inline", () => (listener) => inlineMember(listener, openStorage));
executorContract("sandbox", (_, folder) => (listener, lock) => {
  // The tasks tell by a file that they have begun.
  const sandbox = { permissions: { write: [`${folder}/began`] }, hermetic: false };
  return sandboxMember({ cli: entry("cli.ts"), openStorage, sandboxOf: () => sandbox }, listener, lock);
});
