/** A specification of a job, for tests of what is made of one. */
import { JOB_FORMAT, type JobSpec } from "../../src/execute/jobs/job_spec.ts";

/** A small one, with what a test wants of it. */
export function spec(more: Partial<JobSpec> = {}): JobSpec {
  return {
    format: JOB_FORMAT,
    version: "0",
    name: "runner-r-0",
    host: "h",
    pid: 1,
    outbox: "/outbox",
    number: 0,
    alive: "",
    open: {
      kind: "open",
      host: 0,
      logs: "/logs",
      spill: "/spill",
      cache: "/cache",
      readable: "/cache",
      inlineBytes: 4096,
      digests: true,
      run: "r",
      params: {},
      cwd: "/",
      control: undefined,
      lock: "",
      modules: [],
      library: "file:///mod.ts",
    },
    batch: {
      kind: "batch",
      id: 0,
      lane: 0,
      slot: 0,
      newTasks: [],
      tasks: [0],
      attempts: [1],
      keys: ["k"],
      validities: ["v"],
      bytes: new Uint8Array(0),
      ends: [0, 0],
      values: [],
      links: [],
      extras: [],
      announce: false,
    },
    timeout: { attempt: 0, idle: 0, queue: 0, task: 0 },
    timeLeft: 0,
    ...more,
  };
}
