/** Tells the scheduler what has happened, and sees to it that what it says is done, until nothing is left to do at once. */
import type { Effect, Expand, LookUp, Resolve } from "../schedule/effect.ts";
import type { Input } from "../schedule/input.ts";
import { FilesNeeded } from "./files_needed.ts";
import { Queue } from "../schedule/queue.ts";

/** The event loop gets a turn at least this often, in milliseconds. */
const TURN_MILLIS = 50;
/** And so often once something has started, which wants to be sent to where it runs. */
const SHORT_MILLIS = 5;
/** So many turns it takes until something has left, where what is to send it has yet to be made. */
const TURNS = 4;
/** So many answers are given to the scheduler at once: a hundred thousand of them would only fill the memory. */
const PORTION = 512;

/** What the scheduler asks: that is answered, in time. */
export type Question = LookUp | Expand | Resolve;
/** What it says is to be done: that comes first, so that what may start has started before anything else is looked at. */
export type Act = Exclude<Effect, Question>;

/** Whoever does it all. */
export interface PumpParts {
  readonly step: (input: Input) => readonly Effect[];
  readonly act: (act: Act) => void;
  /** Asks the cache; `true` when it has an entry of which nothing more is to be said. */
  readonly lookUp: (node: number) => Input | true;
  /** The nodes that are to be looked up before others, if there are any. */
  readonly urgent: () => ReadonlySet<number> | undefined;
  readonly answer: (question: Expand | Resolve) => Input;
  /** Puts an answer into the inbox, after what has to be told before it. */
  readonly reply: (answer: Input) => void;
  /** Puts into the inbox what may wait until nothing is urgent. */
  readonly atLeisure: () => void;
  readonly loadFiles: () => Promise<void>;
  /** Lets the event loop turn. */
  readonly turn: () => Promise<void>;
  readonly failed: (error: Error) => void;
}

/** Runs whenever there is something in its inbox. */
export class Pump {
  private inbox: Input[] = [];
  /** Nodes whose entries were found since the scheduler was told the last time. */
  private found: number[] = [];
  private readonly acts = new Queue<Act>();
  private readonly questions = new Queue<Question>();
  /** How many nodes of the first question have been looked up. */
  private asked = 0;
  /** Nodes that are looked up before all that is asked; what comes of it is told before anything else is looked up. */
  private readonly urgent = new Queue<number>();
  private pressing = false;
  private running = false;

  constructor(private readonly parts: PumpParts) {}

  /** Puts something into the inbox; it is told when all that goes with it is there. */
  push(...inputs: readonly Input[]): void {
    for (const input of inputs) this.inbox.push(input);
  }

  /** Begins, unless it is under way. */
  start(): void {
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      let turned = performance.now();
      let within = TURN_MILLIS;
      let hasty = false;
      while (true) {
        const told = this.inbox.length + this.found.length;
        const open = this.urgent.length > 0 || this.questions.length > 0 && !this.pressing;
        if (this.acts.length > 0) {
          if (this.acts.first.kind === "start") within = SHORT_MILLIS;
          if (!this.act()) await this.parts.loadFiles();
        } else if (hasty) {
          // What was urgent has started: it is on its way before the rest is looked at.
          hasty = false;
          for (let turn = 0; turn < TURNS; turn++) await this.parts.turn();
          turned = performance.now();
        } else if (open && told < PORTION) {
          if (!this.ask()) await this.parts.loadFiles();
        } else if (told > 0) {
          hasty = this.pressing;
          this.tell();
          if (performance.now() - turned <= within) continue;
          await this.parts.turn();
          turned = performance.now();
        } else break;
      }
    } catch (error) {
      // Nothing of what was said still counts: what is told next is that the run is given up.
      for (const queue of [this.acts, this.questions, this.urgent]) queue.clear();
      this.asked = 0;
      this.parts.failed(error as Error);
    }
    this.running = false;
  }

  /** Tells the scheduler all that has happened. */
  private tell(): void {
    if (!this.pressing) this.parts.atLeisure();
    const inputs = this.inbox;
    this.inbox = [];
    this.pressing = false;
    if (this.found.length > 0) {
      inputs.push({ kind: "entries-found", nodes: this.found });
      this.found = [];
    }
    for (const effect of this.parts.step(inputs.length === 1 ? inputs[0]! : { kind: "together", inputs })) {
      if (effect.kind === "look-up") this.questions.push(this.withoutUrgent(effect));
      else if (effect.kind === "expand" || effect.kind === "resolve") this.questions.push(effect);
      else this.acts.push(effect);
    }
  }

  /** Puts the urgent ones among some nodes in front of everything. */
  private withoutUrgent(question: LookUp): LookUp {
    const urgent = this.parts.urgent();
    if (urgent === undefined || !question.nodes.some((node) => urgent.has(node))) return question;
    for (const node of question.nodes) if (urgent.has(node)) this.urgent.push(node);
    return { kind: "look-up", nodes: question.nodes.filter((node) => !urgent.has(node)) };
  }

  /** Does what is to be done first; `false` when files have to be loaded for that. */
  private act(): boolean {
    try {
      this.parts.act(this.acts.first);
    } catch (error) {
      if (!(error instanceof FilesNeeded)) throw error;
      return false;
    }
    this.acts.shift();
    return true;
  }

  /** Answers what is asked first, or as much of it as makes a portion; `false` when files have to be loaded for that. */
  private ask(): boolean {
    try {
      if (this.urgent.length > 0) {
        this.pressing = true;
        this.lookUp(this.urgent.first);
        this.urgent.shift();
        return true;
      }
      const question = this.questions.first;
      if (question.kind === "look-up") this.lookUpMany(question.nodes);
      else this.parts.reply(this.parts.answer(question));
      if (this.asked === 0) this.questions.shift();
      return true;
    } catch (error) {
      if (!(error instanceof FilesNeeded)) throw error;
      return false;
    }
  }

  /** Looks up nodes from where it was left; there it begins anew when all are done. */
  private lookUpMany(nodes: readonly number[]): void {
    while (this.asked < nodes.length && this.inbox.length + this.found.length < PORTION) {
      this.lookUp(nodes[this.asked]!);
      this.asked++;
    }
    if (this.asked === nodes.length) this.asked = 0;
  }

  private lookUp(node: number): void {
    const answer = this.parts.lookUp(node);
    if (answer === true) this.found.push(node);
    else this.parts.reply(answer);
  }
}
