import { prefixLauncher } from "../../src/dispatch/prefix/prefix.ts";
import { prefix } from "../../src/dispatch/prefix/rule.ts";
import { JobExecutor } from "../../src/execute/jobs/job_executor.ts";
import { RunJobs } from "../../src/execute/jobs/run_jobs.ts";
import { VERSION } from "../../src/model/version.ts";
import { childProcess } from "../../src/execute/members/child_process.ts";
import { inlineMember } from "../../src/execute/members/inline.ts";
import { webWorker } from "../../src/execute/members/web_worker.ts";
import { sandboxMember } from "../../src/execute/sandbox/member.ts";
import { selfCommand } from "../../src/runtime/runtime.ts";
import { openStorage } from "../../src/store/storage.ts";
import { executorContract, poolContract } from "../support/executor_contract.ts";

const entry = (name: string): string => new URL(`../../${name}`, import.meta.url).href;

poolContract(
  "worker",
  () => (listener, lock) => webWorker(entry("workers/task_worker.ts"), listener, lock),
);
poolContract(
  "process",
  (logs) => (listener, lock) => childProcess(selfCommand(entry("cli.ts")), logs, listener, lock),
);
poolContract("inline", () => (listener) => inlineMember(listener, openStorage));
poolContract("sandbox", (_, folder) => (listener, lock) => {
  // The tasks tell by a file that they have begun.
  const sandbox = { permissions: { write: [`${folder}/began`] }, hermetic: false };
  return sandboxMember(
    { host: { url: entry("workers/held_host.ts") }, openStorage, sandboxOf: () => sandbox },
    listener,
    lock,
  );
});
executorContract("jobs", ({ make: _make, size: _size, ...options }, folder) => {
  const run = new RunJobs(`${folder}/jobs`, "contract", options.clock);
  const place = { run: "contract", folder: `${folder}/scripts`, cwd: folder, after: options.clock.after };
  const executor = new JobExecutor({
    ...options,
    jobs: run,
    launcher: (listener) => prefixLauncher(prefix("env"), listener, place),
    label: "far",
    backend: "prefix",
    rule: prefix("env"),
    outlives: false,
    latency: 0,
    self: selfCommand(entry("cli.ts")),
    program: () => "runner",
    version: VERSION,
    adoption: undefined,
  });
  return Object.assign(executor, {
    close: async () => {
      await JobExecutor.prototype.close.call(executor);
      run.close(true);
    },
  });
});
