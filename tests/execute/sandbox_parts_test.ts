import fs from "node:fs";
import fc from "fast-check";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { NoClaim, readClaim } from "../../src/execute/sandbox/claims.ts";
import { declaredFiles, effectivePermissions } from "../../src/execute/sandbox/effective.ts";
import { explained } from "../../src/execute/sandbox/explain.ts";
import { absoluteRule, covers, permissionFlags, permittedEnv } from "../../src/execute/sandbox/flags.ts";
import { checkLinks, endangered } from "../../src/execute/sandbox/links.ts";
import { configOf } from "../../src/runtime/deno_config.ts";
import { sandboxProgram } from "../../src/runtime/sandbox_program.ts";
import { appeared, until } from "../support/files.ts";
import { fixture, fromFileUrl } from "../support/paths.ts";
import { start } from "../support/program.ts";
import { diskFolder, tempFolder } from "../support/temp.ts";

const NONE = { read: [], write: [] };

Deno.test("what a task may do in the end is shown kind by kind", () => {
  const task = {
    permissions: { read: ["data"], net: ["example.org"], run: ["git"], ffi: true },
    hermetic: true,
    env: ["LANG"],
  } as const;
  assertEquals(effectivePermissions(task, { inputs: ["data/*.csv"], outputs: ["out"] }).lines, [
    "read: data, data/*.csv",
    "write: out",
    "net: example.org",
    "env: LANG",
    "run: git (not held to any of this)",
    "ffi: everything (not held to any of this)",
    "sys: nothing",
  ]);
  const open = effectivePermissions({ permissions: {}, hermetic: false }, { inputs: ["a"], outputs: ["b"] });
  assertEquals(open.rule, { read: ["a", "b"], write: ["b"] });
  assertEquals(effectivePermissions({ permissions: undefined, hermetic: false }).rule, {});
  assertEquals(
    effectivePermissions({ permissions: { read: true }, hermetic: true }, { inputs: ["a"], outputs: [] })
      .rule,
    { read: true },
  );
});

Deno.test("of an output that is a glob, the folder before its first pattern may be written", () => {
  const outputs = ["a/b.js", { path: "dist/**/*.js" }, "out/[ab]/c", "*.txt", "/abs/*/x", "!dist/no.js"];
  assertEquals(declaredFiles(undefined, outputs).outputs, ["a/b.js", "dist", "out", ".", "/abs"]);
});

Deno.test("permissions become Deno's flags, and nothing more", () => {
  const rule = absoluteRule({ read: ["a,b", "/c"], net: ["x.org:80"], env: true }, "/w");
  assertEquals(permissionFlags(rule, { read: ["/c/link"], write: [] }), [
    "--allow-read=/w/a,,b,/c",
    "--allow-net=x.org:80",
    "--allow-env",
    "--deny-read=/c/link",
  ]);
  assertEquals(permissionFlags({}, NONE), []);
  const many = Array.from({ length: 5_000 }, (_, index) => `/folder/file-${index}`);
  const flags = permissionFlags({ read: many }, NONE) as readonly string[];
  assertEquals(flags.flatMap((flag) => flag.replace("--allow-read=", "").split(",")), many);
  assertEquals(flags.every((flag) => flag.length < 100_000), true);
  const most = Array.from({ length: 200_000 }, (_, index) => `/folder/file-${index}`);
  assertMatch(permissionFlags({ read: most }, NONE) as string, /^there are too many files for a sandbox/);
});

Deno.test("what lies below a folder is covered by it, and nothing beside it", () => {
  assertEquals(["/a", "/a/b", "/a/..b", "/ab", "/", "/a/../c"].map((path) => covers(["/a"], path)), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  assertEquals([covers(true, "/x"), covers(undefined, "/x"), covers(["/"], "/x")], [true, false, true]);
});

Deno.test("of the environment, only what is named is given", () => {
  const env = { AWS_KEY: "1", AWS_ID: "2", HOME: "3", NONE: undefined };
  assertEquals(permittedEnv(["AWS_*"], env), { AWS_KEY: "1", AWS_ID: "2" });
  assertEquals(permittedEnv(["HOME", "NONE"], env), { HOME: "3" });
  assertEquals(permittedEnv(true, env), { AWS_KEY: "1", AWS_ID: "2", HOME: "3" });
  assertEquals(permittedEnv(undefined, env), {});
});

Deno.test("links out of what may be read are denied, and links that stay are not", async () => {
  using temp = diskFolder();
  const at = (path: string) => `${temp.path}/${path}`;
  fs.mkdirSync(at("data/deep"), { recursive: true });
  fs.writeFileSync(at("data/file"), "");
  fs.writeFileSync(at("secret"), "");
  fs.symlinkSync("../file", at("data/deep/inward"));
  fs.symlinkSync("../../secret", at("data/deep/outward"));
  fs.symlinkSync(at("secret"), at("data/absolute"));
  fs.symlinkSync("nowhere", at("data/dangling"));
  fs.symlinkSync("/", at("data/root"));
  const { denied, problems } = await checkLinks({ read: [at("data")] }, []);
  assertEquals(
    [...denied.read].sort(),
    ["absolute", "dangling", "deep/outward", "root"].map((name) => at(`data/${name}`)),
  );
  assertEquals(problems, []);
  const both = await checkLinks({ read: [at("data"), at("secret")] }, []);
  assertEquals([...both.denied.read].sort(), ["dangling", "root"].map((name) => at(`data/${name}`)));
  // A folder that is a link itself stands for what it leads to.
  fs.symlinkSync("data", at("current"));
  assertEquals(
    (await checkLinks({ read: [at("current")] }, [])).denied.read.includes(at("current/deep/inward")),
    false,
  );
});

Deno.test("links by which more could be written than is permitted are problems, those too that only would from elsewhere", async () => {
  using temp = diskFolder();
  const at = (path: string) => `${temp.path}/${path}`;
  fs.mkdirSync(at("out/deep"), { recursive: true });
  fs.symlinkSync("file", at("out/beside"));
  const problems = async () => (await checkLinks({ write: [at("out")] }, [])).problems;
  assertEquals(await problems(), []);
  // Its folder may be given another name, and then it leads out.
  fs.symlinkSync("../file", at("out/deep/climbs"));
  assertMatch((await problems()).join(), /deep\/climbs, which is a link to \.\.\/file and so a way out/);
  fs.rmSync(at("out/deep/climbs"));
  fs.symlinkSync(at("victim"), at("out/absolute"));
  assertEquals((await problems()).length, 1);
});

Deno.test("runner's own folders are never among those that a task may write to", () => {
  const own = ["/w/.runner/cache", "/tmp/runner-1"];
  assertEquals(endangered({ write: ["/w/out", "/w/.runnerx"] }, own), []);
  assertEquals(endangered({ write: ["/w"] }, own), [
    "it may write to /w, where runner's own folder /w/.runner/cache is: permit a smaller folder, or files by their names",
  ]);
  assertEquals(endangered({ write: ["/w/.runner/cache/task"] }, own), [
    "it may write to /w/.runner/cache/task, which belongs to runner's own folder /w/.runner/cache: permit a smaller folder, or files by their names",
  ]);
  assertEquals(endangered({ write: true, read: ["/w"] }, own), []);
});

Deno.test("a refusal deep inside of an error is explained, and other errors stay as they are", () => {
  const refused = { cwd: "/w", read: undefined, write: undefined, others: [], denied: NONE };
  const inner = new Error('Requires net access to "example.org:443", run again with the --allow-net flag');
  const outer = new Error("cannot load", { cause: new AggregateError([new Error("x"), inner]) });
  const clear = explained(outer, refused);
  assertEquals(clear.message, "the task may not reach example.org:443: add it to `permissions.net`");
  assertEquals([clear.name, clear.cause], ["NotPermitted", outer]);
  const other = new Error("Requires patience");
  assertEquals(explained(other, refused), other);
  const circle = new Error("round");
  circle.cause = circle;
  assertEquals(explained(circle, refused), circle);
  const text = (message: string) => explained(new Error(message), refused).message;
  assertMatch(
    text('Requires sys access to "hostname", run again with the --allow-sys flag'),
    /permissions\.sys/,
  );
  assertMatch(
    text("Requires write access to <TMP>, run again with the --allow-write flag"),
    /temporary folder.*ctx\.directory/,
  );
  assertMatch(
    text('Requires run access to "git", run again with the --allow-run flag'),
    /may not start git: .*held to nothing/,
  );
  assertMatch(text("Requires env access, run again with the --allow-env flag"), /one by one.*env: true`$/);
  const starting = (what: string) =>
    explained(new Error(`Requires env access${what}, run again with the --allow-env flag`), {
      ...refused,
      starts: true,
    }).message;
  assertMatch(starting(""), /one by one.*`node:child_process` reads all of it.*`Deno\.Command` needs/);
  assertMatch(starting(' to "NODE_V8_COVERAGE"'), /`node:child_process` reads all of it/);
  assertMatch(starting(' to "HOME"'), /the variable HOME: add it to `env`/);
});

Deno.test("why a folder may not be listed is told by what lies in it", () => {
  const text = (path: string, ...others: string[]) => {
    const refused = { cwd: "/w", read: ["/w/in/a"], write: undefined, others, denied: NONE };
    const message = `Requires read access to "${path}", run again with the --allow-read flag`;
    return explained(new Error(message), refused).message;
  };
  assertEquals(
    text("in"),
    "the task may not list in: its inputs are files in it, not the folder: use `ctx.inputs`, or add the folder to " +
      "`inputs` or `permissions.read`",
  );
  assertEquals(
    text("in", "/w/in/.git", "/w/in/b", "/w/else"),
    "the task may not list in: there is more in it than its inputs (in/.git, +1 more), and that does not count: use " +
      "`ctx.inputs`, or add it to `permissions.read`",
  );
  assertEquals(
    text("in/b", "/w/in/b"),
    "the task may not read in/b: add it to `inputs`, or to `permissions.read`",
  );
});

Deno.test("whatever is said, it is a claim or none", () => {
  fc.assert(fc.property(fc.anything(), (message) => {
    try {
      readClaim(message, 1);
    } catch (error) {
      return error instanceof NoClaim;
    }
    return true;
  }));
  const kind = fc.constantFrom("ended", "ask", "begun", "exiting", "warning", "broken", "ready");
  const fields = fc.record({
    kind,
    batch: fc.constantFrom(1, 2),
    items: fc.anything(),
    millis: fc.anything(),
    special: fc.anything(),
    bytes: fc.anything(),
    asks: fc.array(fc.anything()),
    code: fc.anything(),
    error: fc.anything(),
    message: fc.anything(),
  });
  fc.assert(fc.property(fields, (message) => {
    try {
      return readClaim(message, 1) !== undefined;
    } catch (error) {
      return error instanceof NoClaim;
    }
  }));
  assertThrows(() => readClaim({ kind: "begun", batch: 2 }, 1), NoClaim, "another batch");
  assertEquals(readClaim({ kind: "begun", batch: 1 }, 1), { kind: "begun" });
});

Deno.test("a sandboxed process starts with next to nothing", () => {
  const program = sandboxProgram() as readonly string[];
  assertEquals(program.filter((flag) => /^(-A|--allow)/.test(flag)), []);
  assertEquals(["--no-prompt", "--cached-only"].every((flag) => program.includes(flag)), true);
  const cli = new URL("../../cli.ts", import.meta.url);
  const [config, flag] = configOf(cli.href);
  assertEquals([config, flag], [new URL("deno.json", cli).pathname, `--config=${config}`]);
  assertEquals(configOf("https://example.org/cli.ts"), [undefined, "--no-config"]);
});

const BUN = (() => {
  try {
    const { stdout } = new Deno.Command("sh", { args: ["-c", "command -v bun"] }).outputSync();
    return fs.realpathSync(new TextDecoder().decode(stdout).trim());
  } catch {
    return undefined;
  }
})();
Deno.test({
  name: `Bun takes the deno on the PATH, and says what is wrong with it${
    BUN !== undefined ? "" : " (ignored: there is no bun; `npm install -g bun` gets it)"
  }`,
  ignore: BUN === undefined,
  fn: () => {
    using temp = tempFolder();
    const module = JSON.stringify(fromFileUrl("../../src/runtime/sandbox_program.ts"));
    const script = `import { sandboxProgram } from ${module}; console.log([sandboxProgram()].flat()[0])`;
    const told = (version?: string) => {
      const deno = `${temp.path}/deno`;
      if (version !== undefined) {
        fs.writeFileSync(deno, `#!/bin/sh\necho "deno ${version}"\n`, { mode: 0o755 });
      }
      const env = { PATH: temp.path };
      const { stdout } = new Deno.Command(BUN!, { args: ["-e", script], env }).outputSync();
      return new TextDecoder().decode(stdout).trimEnd();
    };
    const start = "bun cannot hold a process to permissions, Deno does that, and ";
    const remedy = ": install Deno 2.9 or newer (https://docs.deno.com/runtime/)";
    assertEquals(told(), `${start}there is no \`deno\` on the PATH${remedy}`);
    assertEquals(told("2.8.11 (stable)"), `${start}the \`deno\` on the PATH is 2.8.11${remedy}`);
    assertEquals([told("2.9.0 (stable)"), told("2.10.1"), told("3.0.0-rc.1")], ["deno", "deno", "deno"]);
  },
});

Deno.test({
  name: "a busy sandboxed process ends with its runner, however that ends",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using temp = diskFolder();
    const program = start(fixture("sandbox_orphans.ts"), [], { cwd: temp.path });
    await appeared(`${temp.path}/began`);
    const alive = () =>
      fs.readdirSync("/proc").filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
        try {
          return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${temp.path}/.runner/`);
        } catch {
          return false;
        }
      });
    // The process, and its guard.
    assertEquals(alive().length, 2);
    program.kill("SIGKILL");
    await program.ended;
    await until("no process of it", () => alive().length === 0);
  },
});
