/**
 * Names all that the engine loads only when it is asked for, so that Deno knows of it: `import("…" as string)` keeps Deno from
 * reading at each start what most runs do not need, and so from fetching it. What comes from a URL is fetched as one, before
 * anything runs, and `deno compile` is to include it.
 */

/** How each of them would be loaded; it is enough that they are written down. */
export const LATER: readonly (() => Promise<unknown>)[] = [
  () => import("./wire.ts"),
  () => import("./dispatch/launchers.ts"),
  () => import("./dispatch/docker/docker.ts"),
  () => import("./dispatch/generic/generic.ts"),
  () => import("./dispatch/lsf/lsf.ts"),
  () => import("./dispatch/prefix/prefix.ts"),
  () => import("./dispatch/slurm/slurm.ts"),
  () => import("./dispatch/ssh/ssh.ts"),
  () => import("./execute/jobs/adoption.ts"),
  () => import("./execute/jobs/job_executor.ts"),
  () => import("./execute/jobs/run_jobs.ts"),
  () => import("./execute/members/child_process.ts"),
  () => import("./execute/members/inline.ts"),
  () => import("./execute/members/web_worker.ts"),
  () => import("./execute/pool.ts"),
  () => import("./execute/sandbox/executor.ts"),
  () => import("./plan/code/code_index.ts"),
  () => import("./report/prompt.ts"),
  () => import("./store/files/files.ts"),
  () => import("./store/files/globs.ts"),
  () => import("./store/leases.ts"),
  () => import("./wire/left_jobs.ts"),
  () => import("./watch/chokidar_watcher.ts"),
  () => import("./watch/open.ts"),
  () => import("npm:chokidar@6.0.0"),
  () => import("npm:picomatch@4.0.7"),
  () => import("npm:tinyglobby@0.2.17"),
];
