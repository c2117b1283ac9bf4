/** What is read from the exit of an engine's client and from what it printed: as Docker 20 and 28 and Podman 4 say it. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { readContainerExit } from "../../src/dispatch/docker/exits.ts";
import { docker, podman } from "../../src/dispatch/docker/rule.ts";
import type { Job } from "../../src/model/job.ts";

const RULES = { docker: docker({ image: "some/image" }), podman: podman({ image: "some/image" }) };

/** What an exit is read as. */
async function read(engine: keyof typeof RULES, command: string, code: number, log: string) {
  const job = { name: "runner-t-1", command: [command, "-x"], resources: {} } as unknown as Job;
  const never = () => Promise.reject(new Error("nobody asked for memory"));
  return await readContainerExit(RULES[engine], job, { code, signal: undefined }, log, never);
}

const HELP = "\n\nRun 'docker run --help' for more information\n";
const CASES: readonly {
  readonly what: string;
  readonly engine: keyof typeof RULES;
  readonly command: string;
  readonly code: number;
  readonly log: string;
  readonly reason: string;
  readonly says: readonly string[];
}[] = [
  {
    what: "an image that is not there",
    engine: "docker",
    command: "true",
    code: 125,
    log: `docker: Error response from daemon: No such image: no/such:1${HELP}`,
    reason: "infra",
    says: [
      "did not start the container: Error response",
      "No such image: no/such:1; get it: docker pull some/image",
    ],
  },
  {
    what: "an image that is not there",
    engine: "podman",
    command: "true",
    code: 125,
    log: "Error: no/such:1: image not known\n",
    reason: "infra",
    says: ["did not start the container: no/such:1: image not known; get it: podman pull some/image"],
  },
  {
    what: "a folder that is not there",
    engine: "docker",
    command: "true",
    code: 125,
    log:
      `docker: Error response from daemon: invalid mount config for type "bind": bind source path does not exist: /no/such${HELP}`,
    reason: "infra",
    says: ["; /no/such is to be seen in the container and is not there outside"],
  },
  {
    what: "a folder that is not there, in a sentence",
    engine: "docker",
    command: "true",
    code: 125,
    log:
      `docker: Error response from daemon: invalid mount config for type "bind": bind source path does not exist: /no/such.\nSee 'docker run --help'.\n`,
    reason: "infra",
    says: ["; /no/such is to be seen in the container and is not there outside"],
  },
  {
    what: "a folder that is not there",
    engine: "podman",
    command: "true",
    code: 125,
    log: "Error: statfs /no/such: no such file or directory\n",
    reason: "infra",
    says: ["; /no/such is to be seen in the container and is not there outside"],
  },
  ...(["docker", "podman"] as const).flatMap((engine) => [
    {
      what: "a command that is not there",
      engine,
      command: "no-such-command",
      code: 127,
      log: "[FATAL tini (7)] exec no-such-command failed: No such file or directory\n",
      reason: "exit",
      says: [
        'could not start "no-such-command" in the container (exit code 127): no-such-command: No such file',
        'the image "some/image" has no such command',
      ],
    },
    {
      what: "a command that may not be run",
      engine,
      command: "/etc/passwd",
      code: 126,
      log: "[FATAL tini (7)] exec /etc/passwd failed: Permission denied\n",
      reason: "exit",
      says: [
        'could not start "/etc/passwd" in the container (exit code 126): /etc/passwd: Permission denied',
      ],
    },
  ]),
];

for (const { what, engine, command, code, log, reason, says } of CASES) {
  Deno.test(`${engine} says of ${what} that nothing began`, async () => {
    const reading = await read(engine, command, code, log);
    assertEquals([reading?.reason, reading?.neverBegan], [reason, true]);
    for (const text of says) assertStringIncludes(reading!.text, text);
  });
}

Deno.test("where nothing was printed nobody knows that nothing began", async () => {
  for (const engine of ["docker", "podman"] as const) {
    const reading = await read(engine, "sh", 127, "");
    assertEquals([reading?.reason, reading?.neverBegan], ["exit", undefined]);
    assertEquals((await read(engine, "sh", 127, "sh: x: not found\n"))?.neverBegan, undefined);
    assertEquals(await read(engine, "sh", 0, ""), undefined);
  }
});
