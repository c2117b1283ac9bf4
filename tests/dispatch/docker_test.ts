/** Jobs in containers, with a real Docker and a real Podman. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import { checkDocker, dockerLauncher } from "../../src/dispatch/docker/docker.ts";
import { type ContainerOptions, docker, type DockerRule, podman } from "../../src/dispatch/docker/rule.ts";
import { QUIET } from "../../src/dispatch/attached/attached.ts";
import { GRACE } from "../../src/dispatch/attached/group.ts";
import { BUSYBOX, DENO, dockerService, podmanService } from "../services/docker.ts";
import { until } from "../support/files.ts";
import { fromFileUrl } from "../support/paths.ts";
import { attachedCases } from "./attached_cases.ts";
import { closed, Jobs, realAfter } from "./jobs.ts";

const services = { docker: dockerService(), podman: { absent: "" as string | undefined } };
services.podman = podmanService(services.docker);
const make = { docker, podman };
const engines = ["docker", "podman"] as const;

/** Runs a command of an engine; gives what it printed. */
function engine(name: "docker" | "podman", ...args: readonly string[]): string {
  const { stdout, stderr, success } = new Deno.Command(name, { args: [...args] }).outputSync();
  const text = new TextDecoder();
  if (!success) throw new Error(`${name} ${args.join(" ")}: ${text.decode(stderr)}`);
  return text.decode(stdout).trim();
}

const why = (name: "docker" | "podman"): string =>
  services[name].absent === undefined ? name : `${name} (ignored: ${services[name].absent})`;

/** A test for each engine. */
function each(
  what: string,
  fn: (
    rule: (options?: Partial<ContainerOptions>) => DockerRule,
    jobs: Jobs,
    name: "docker" | "podman",
  ) => Promise<void>,
  only: readonly ("docker" | "podman")[] = engines,
): void {
  for (const name of only) {
    Deno.test({
      name: `${why(name)}: ${what}`,
      ignore: services[name].absent !== undefined,
      fn: async () => {
        using jobs = new Jobs();
        await fn((options = {}) => make[name]({ image: BUSYBOX, network: "none", ...options }), jobs, name);
        assertEquals(engine(name, "ps", "--all", "--quiet"), "", "no container is left");
      },
    });
  }
}

for (const name of engines) {
  attachedCases(why(name), {
    ignore: services[name].absent !== undefined,
    // Until an engine knows that a container runs, its client passes no signals on.
    hears: () => engine(name, "ps", "--quiet") !== "",
    open: (jobs) =>
      dockerLauncher(make[name]({ image: BUSYBOX, network: "none" }), jobs.listener, jobs.place),
  });
}

each(
  "the image is looked at, and its digest told; an absent one with how to get it",
  async (rule, _jobs, name) => {
    const { problem, identity } = await checkDocker(rule());
    assertEquals(problem, undefined);
    assertMatch(identity, /^sha256:[0-9a-f]{64}$/);
    assertStringIncludes(
      `sha256:${engine(name, "image", "inspect", "--format", "{{.Id}}", BUSYBOX)}`,
      identity,
    );
    const absent = await checkDocker(rule({ image: "no/such:1" }));
    assertEquals(absent, {
      problem:
        `there is no image "no/such:1" on this machine (host ${os.hostname()}): ${name} pull no/such:1, or build it`,
      identity: "",
    });
  },
);

each("what the engine cannot do is told, and nothing began", async (rule, jobs, name) => {
  const once = async (options: Partial<ContainerOptions>, command: readonly string[]) => {
    const launcher = dockerLauncher(rule(options), jobs.listener, jobs.place);
    const job = jobs.job(command);
    launcher.launch(job);
    const end = await jobs.end(job);
    await closed(launcher);
    return { end, log: fs.readFileSync(`${job.folder}/err.txt`, "utf8") };
  };
  const told = async (options: Partial<ContainerOptions>, command: readonly string[] = ["true"]) => {
    let { end, log } = await once(options, command);
    // Docker waits two seconds at most for what a container has printed, however busy it is: then that is lost, and with it why.
    while (log === "") ({ end, log } = await once(options, command));
    assertStringIncludes(end.command!, `${name} run --rm`);
    assertEquals(end.neverBegan, true, `${end.text}\n${log}`);
    return [end.reason, end.exit, end.text] as const;
  };
  const image = await told({ image: "no/such:1" });
  assertEquals(image.slice(0, 2), ["infra", 125]);
  assertMatch(
    image[2],
    new RegExp(`${name} on host .* did not start the container: .*; get it: ${name} pull no/such:1$`),
  );
  const mount = await told({ mounts: ["/no/such/data:ro"] });
  assertMatch(
    mount[2],
    /did not start the container: .*; \/no\/such\/data is to be seen in the container and is not there outside/,
  );
  const words = await told({}, ["no-such-command", "-x"]);
  assertEquals(words.slice(0, 2), ["exit", 127]);
  assertMatch(
    words[2],
    new RegExp(
      `could not start "no-such-command" in the container \\(exit code 127\\): .*; the image "${BUSYBOX}" has no such command$`,
    ),
  );
  const denied = await told({}, ["/etc/passwd"]);
  assertEquals(denied.slice(0, 2), ["exit", 126]);
  assertMatch(denied[2], /could not start "\/etc\/passwd" .*126.*[Pp]ermission denied/);
});

each("a daemon that is not there is told, with what to do", async (rule, jobs) => {
  const launcher = dockerLauncher(rule({ args: [] }), jobs.listener, jobs.place);
  const host = process.env["DOCKER_HOST"]!;
  try {
    process.env["DOCKER_HOST"] = "unix:///no/such.sock";
    const job = jobs.job(["true"]);
    launcher.launch(job);
    const end = await jobs.end(job);
    assertEquals([end.reason, end.neverBegan], ["infra", true]);
    assertMatch(
      end.text,
      /annot connect to the Docker daemon at unix:\/\/\/no\/such.sock.*; is dockerd running/,
    );
    assertMatch(
      (await checkDocker(rule())).problem!,
      /^docker on host .* does not answer: .*annot connect.* \(try: docker image inspect/,
    );
  } finally {
    process.env["DOCKER_HOST"] = host;
  }
  await closed(launcher);
}, ["docker"]);

each("user, home, variables, mounts and words of one's own get in, and nothing else", async (rule, jobs) => {
  const data = Deno.makeTempDirSync({ prefix: "runner, test-" });
  try {
    fs.chmodSync(data, 0o755);
    fs.writeFileSync(`${data}/file`, "data\n");
    process.env["RUNNER_TEST_HERE"] = "he re";
    const launcher = dockerLauncher(
      rule({
        mounts: [`${data}:ro`, `${data}:/inside`],
        env: ["RUNNER_TEST_HERE", "OTHER=a b"],
        args: ["--hostname", "box-{task}"],
        user: "1234:1235",
      }),
      jobs.listener,
      jobs.place,
    );
    fs.chownSync(jobs.path, 1234, 1235);
    const job = jobs.shell(
      `id -u; id -g; echo "$HOME $RUNNER_TEST_HERE $OTHER $PWD-$DOCKER_HOST$RUNNER_JOB"; hostname
      cat "${data}/file" /inside/file; touch "${data}/new" || echo no; echo > mine; echo > /tmp/x && echo yes`,
    );
    launcher.launch(job);
    const end = await jobs.end(job);
    assertEquals(end.exit, 0, end.text);
    assertEquals(
      jobs.out(job),
      `1234\n1235\n/tmp he re a b ${jobs.path}-\nbox-compute\ndata\ndata\nno\nyes\n`,
    );
    const { uid, gid } = fs.statSync(`${jobs.path}/mine`);
    assertEquals([uid, gid], [1234, 1235]);
    await closed(launcher);
  } finally {
    delete process.env["RUNNER_TEST_HERE"];
    fs.rmSync(data, { recursive: true });
  }
});

each("a container gets the processors and the memory that are asked for", async (rule, jobs) => {
  const launcher = dockerLauncher(rule(), jobs.listener, jobs.place);
  const mem = 64 * 2 ** 20;
  const job = jobs.shell(
    "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max 2>/dev/null || " +
      "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us",
    { resources: { cpu: 0.5, mem } },
  );
  launcher.launch(job);
  const end = await jobs.end(job);
  assertEquals(end.exit, 0, end.text);
  assertEquals(jobs.out(job).trim().split(/\s+/), [String(mem), "50000", "100000"]);
  await closed(launcher);
});

each("a container whose memory is full is told as that, one that is killed is not", async (rule, jobs) => {
  const launcher = dockerLauncher(rule(), jobs.listener, jobs.place);
  const mem = 24 * 2 ** 20;
  const fill = "x=$(dd if=/dev/zero bs=1M count=100 2>/dev/null | tr '\\0' a)";
  const full = jobs.shell(fill, { resources: { mem } });
  const killed = jobs.shell("kill -KILL $$");
  for (const job of [full, killed]) launcher.launch(job);
  const end = await jobs.end(full);
  assertEquals([end.reason, end.exit], ["oom", 137], end.text);
  assertMatch(end.text, /exit code 137 on host .*memory of 24 MiB was full/);
  assertEquals((await jobs.end(killed)).reason, "crash");
  await closed(launcher);
});

each("what a killed runner leaves is found by its name, and ended", async (rule, jobs, name) => {
  const first = dockerLauncher(rule(), jobs.listener, jobs.place);
  const list = [1, 2].map((number) => jobs.shell(`echo > begun${number}; sleep 1000`));
  const kept = jobs.shell("echo > begun3; sleep 1000");
  [...list, kept].forEach((job) => first.launch(job));
  await Promise.all([1, 2, 3].map((number) => jobs.filled(`begun${number}`)));
  using heirs = new Jobs();
  const second = dockerLauncher(rule(), heirs.listener, heirs.place);
  second.adopt(list[0]!, jobs.ids.get(list[0]!.name));
  second.adopt(list[1]!, undefined);
  assertEquals((await heirs.end(list[0]!)).reason, "infra");
  assertMatch((await heirs.end(list[0]!)).text, /is no more, and what was left of it was ended$/);
  await heirs.end(list[1]!);
  await Promise.all(list.map((job) => jobs.end(job)));
  assertEquals(engine(name, "ps", "--format", "{{.Names}}"), kept.name, "nobody else's was touched");
  const never = heirs.shell("true");
  second.adopt(never, undefined);
  assertEquals([(await heirs.end(never)).reason, (await heirs.end(never)).neverBegan], ["infra", true]);
  await closed(first);
  await closed(second);
});

each(
  "a container that does not mind being asked is asked once, told of, and killed when its time is up",
  async (rule, _jobs, name) => {
    const due = new Map<number, () => void>();
    using jobs = new Jobs((millis, callback) => {
      if (millis !== GRACE && millis !== QUIET) return realAfter(millis, callback);
      due.set(millis, callback);
      return () => void due.delete(millis);
    });
    const launcher = dockerLauncher(rule(), jobs.listener, jobs.place);
    const job = jobs.shell("trap 'echo asked >> asked' TERM; echo > begun; while :; do sleep 0.05; done");
    launcher.launch(job);
    await jobs.filled("begun");
    // Until the engine knows that it runs, it passes no signals on.
    await until("it runs", () => engine(name, "ps", "--quiet") !== "");
    launcher.cancel([job], true);
    await jobs.filled("asked");
    due.get(QUIET)!();
    assertEquals(jobs.warnings, [
      "waiting for the end of compute: what has not ended 5 s after it was asked to is killed",
    ]);
    due.get(GRACE)!();
    await jobs.end(job);
    assertEquals(jobs.read("asked"), "asked\n");
    await closed(launcher);
  },
);

each("many containers that do not mind being asked are ended together", async (rule, _jobs, name) => {
  // The time that they have to end by themselves is over at once.
  using jobs = new Jobs((millis, callback) => realAfter(millis === GRACE ? 0 : millis, callback));
  const launcher = dockerLauncher(rule(), jobs.listener, jobs.place);
  const list = Array.from(
    { length: 12 },
    () => jobs.shell("trap '' TERM; while :; do sleep 1; done"),
  );
  list.forEach((job) => launcher.launch(job));
  await until("all run", () => engine(name, "ps", "--quiet").split("\n").length === 12);
  launcher.cancel(list, true);
  await Promise.all(list.map((job) => jobs.end(job)));
  await closed(launcher);
});

each("this program runs in an image that has its libraries, and downloads nothing", async (rule, jobs) => {
  const launcher = dockerLauncher(rule({ image: DENO, user: "0:0" }), jobs.listener, jobs.place);
  const cli = fromFileUrl("../../cli.ts");
  const job = jobs.job([Deno.execPath(), "run", "-A", "--quiet", cli, "--version"]);
  launcher.launch(job);
  const end = await jobs.end(job);
  assertEquals([end.exit, jobs.out(job)], [0, "runner 0.1.0\n"], end.text);
  const bare = dockerLauncher(rule(), jobs.listener, jobs.place);
  const other = jobs.job([Deno.execPath(), "run", "-A", "--quiet", cli, "--version"]);
  bare.launch(other);
  const failed = await jobs.end(other);
  assertEquals([failed.exit, failed.neverBegan], [127, true], failed.text);
  assertMatch(failed.text, /needs an image with the same C library, or say `runner`/);
  await closed(launcher);
  await closed(bare);
}, ["docker"]);
