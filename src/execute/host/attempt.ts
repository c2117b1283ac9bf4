/** One attempt inside a host, as everything that runs inside it sees it. */
import { fillName } from "../../model/name.ts";
import { digestOf } from "../../model/digest.ts";
import type { Definition } from "../../model/definition.ts";
import type { Asked } from "../../model/ask.ts";
import type { LeftFile, Prior } from "../../model/file_ports.ts";
import type { ResultStorage } from "../../model/storage.ts";
import { type BatchMessage, type OpenMessage, outputName, type TaskInfo } from "../protocol.ts";
import type { Asker } from "./asker.ts";
import { AttemptContext, type ContextMakers } from "./context.ts";
import { Findings } from "./finding.ts";
import { AttemptOutput } from "./output.ts";
import { depsOf, inputOf, resultsOf } from "./values.ts";
import { Work, type Worker } from "./work.ts";

/** An attempt under way. What few tasks need is made when it is asked for. */
export class Attempt implements ContextMakers, Worker {
  readonly ctx: AttemptContext;
  /** Milliseconds on the monotonic clock. */
  readonly begun = performance.now();
  /** Unix time in milliseconds: what has changed since then may not be what it has read. */
  readonly started = Date.now();
  millis = 0;
  /** No longer the owner of what is printed. */
  ended = false;
  /** Programs that it has started may have been told to stop. */
  signalled = false;
  /** An error that reached nobody: a rejection without a handler, an exception in a callback. */
  stray: { readonly error: unknown } | undefined = undefined;
  /** Ends a waiting attempt with a stray error. */
  interrupt: ((error: unknown) => void) | undefined = undefined;
  /** Called when it begins to wait for calls it has made. */
  whenWaiting: (() => void) | undefined = undefined;
  private printed: AttemptOutput | undefined = undefined;
  private found: Findings | undefined = undefined;
  /** What lay where its outputs are to be. */
  prior: Prior | undefined = undefined;
  /** What earlier attempts that came to nothing have left, as far as that was asked. */
  private leftovers: readonly LeftFile[] = [];
  private waitsFor = 0;
  private waitsSince = 0;
  /** Milliseconds it has waited for calls it has made. */
  waited = 0;

  constructor(
    readonly batch: BatchMessage,
    readonly item: number,
    readonly info: TaskInfo,
    readonly task: Definition,
    readonly storage: ResultStorage,
    private readonly open: OpenMessage,
    private readonly asker: Asker,
  ) {
    this.ctx = new AttemptContext(batch.attempts[item]!, batch.keys[item]!, this);
  }

  /** Where what it prints goes. */
  get output(): AttemptOutput {
    return this.printed ??= new AttemptOutput(
      this.open.logs,
      outputName(this.ctx.key, this.ctx.attempt),
      this.open.output,
    );
  }

  /** Ends the output; gives the files it went to, if anything was printed. */
  closeOutput(): { readonly stdout?: string; readonly stderr?: string } | undefined {
    // Whoever holds the process to permissions has its output too.
    if (this.open.held !== undefined) return undefined;
    const { output, printed } = this.open;
    // A process of its own may have been printed to by what the task started.
    if (this.printed === undefined && output === undefined && printed === undefined) return undefined;
    if (printed !== undefined) this.output.take(printed);
    this.output.close();
    const { files } = this.output;
    return files.stdout === undefined && files.stderr === undefined ? undefined : { ...files };
  }

  /** Whether it waits for calls it has made. */
  get waiting(): boolean {
    return this.waitsFor > 0;
  }

  beginWait(): void {
    if (this.waitsFor++ > 0) return;
    this.waitsSince = performance.now();
    this.whenWaiting?.();
  }

  endWait(): void {
    if (--this.waitsFor === 0) this.waited += performance.now() - this.waitsSince;
  }

  /** It is over: notes how long it took, without what it waited. */
  stop(): void {
    if (this.millis === 0) this.millis = performance.now() - this.begun - this.waited;
  }

  /** Asks it to stop; whatever it has started may have been asked by others. */
  abort(reason: "cancelled" | "timeout", signalled = false): void {
    this.signalled ||= signalled;
    this.asker.giveUp(this, this.ctx.abort(reason));
  }

  /** Makes the folders that its outputs are to lie in, and takes its earlier outputs away. */
  prepare(): void {
    const { outputs, files = [], shared = [] } = this.batch.extras[this.item] ?? {};
    if (outputs === undefined) return;
    this.prior = this.storage.files.prepare(
      outputs,
      () => this.storage.earlierOutputs(this.info.name, this.ctx.key),
      [...files.map(({ path }) => path), ...shared],
      () => this.leftovers = this.storage.leftovers(this.info.name, this.ctx.key),
    );
  }

  /** Notes what it has left where its outputs lie, as it has come to nothing; or that nothing is left any more. */
  noteLeftovers(nothing: boolean): void {
    const { outputs } = this.batch.extras[this.item] ?? {};
    if (outputs === undefined) return;
    const left = nothing ? this.storage.files.leftBy(outputs, this.prior) : [];
    if (left.length + this.leftovers.length === 0) return;
    this.storage.noteLeftovers(this.info.name, this.ctx.key, left);
    this.leftovers = left;
  }

  /** What it finds out that its result depends on. */
  get findings(): Findings {
    return this.found ??= new Findings(this.batch.extras[this.item]?.trigger ?? "content");
  }

  /** The same, if there is anything. */
  get usedFindings(): Findings | undefined {
    return this.found;
  }

  /** The result that the call had the last time. */
  earlierResult(): { readonly bytes: Uint8Array; readonly follow: boolean } | undefined {
    return this.batch.extras[this.item]?.latest ?? this.storage.latest(this.info.name, this.ctx.key);
  }

  directory(): string {
    return this.storage.directory(this.info.name, this.ctx.key, this.batch.validities[this.item] ?? "");
  }

  deps(): unknown {
    return depsOf(this.batch, this.item, this.storage);
  }

  results(): Readonly<Record<string, unknown>> {
    return resultsOf(this.batch, this.item, this.storage);
  }

  params(): Readonly<Record<string, unknown>> {
    return this.findings.watched(this.open.params);
  }

  input(): unknown {
    return inputOf(this.batch, this.item, this.storage);
  }

  inputs(): readonly string[] {
    return (this.batch.extras[this.item]?.files ?? []).map((file) => file.path);
  }

  outputs(): readonly string[] {
    return (this.batch.extras[this.item]?.outputs ?? []).map((rule) =>
      typeof rule === "string" ? rule : rule.path
    );
  }

  fingerprint(): string {
    const files = this.batch.extras[this.item]?.files;
    return files === undefined ? "" : digestOf(files.map((file) => `${file.path}\0${file.mark}`).join("\n"));
  }

  changedDeps(): readonly string[] {
    const { batch, item } = this;
    const known = this.storage.earlierUpstreams(this.info.name, this.ctx.key);
    return (batch.extras[item]?.names ?? []).filter(([, index]) => {
      const { key, digest } = batch.values[index]!;
      return known?.get(key) !== digest;
    }).map(([name]) => name);
  }

  name(): string {
    const { name } = this.info;
    return name.includes("[") ? fillName(name, this.ctx.input) : name;
  }

  dep(paths: readonly string[]): string {
    this.findings.addFiles(this.storage.files.see(paths, this.batch.extras[this.item]?.trigger ?? "content"));
    return this.storage.absolute(paths[0]!);
  }

  async prompt(message: string, secret: boolean): Promise<string> {
    const asked: Asked = { kind: "person", message, secret };
    return (await this.asker.ask(this, asked, false)).text!;
  }

  work(): Work {
    return new Work(this, this.asker);
  }

  read(value: { readonly file?: string; readonly digest: string }): Uint8Array {
    const bytes = this.storage.read(value.file!, value.digest);
    if (bytes === undefined) throw new Error(`the result in ${value.file} is gone`);
    return bytes;
  }
}
