/** A job that is out, and which attempts of this run its items stand for. */
import type { Job } from "../../model/job.ts";
import type { Batch } from "../executor.ts";
import type { TimeoutKind } from "../../model/timeout.ts";

/** Where an item of a job belongs: mostly to the batch it was made of; where a job was taken over, to the batch that asked for it. */
export interface Place {
  readonly batch: Batch;
  readonly item: number;
}

/** One job. */
export class RunningJob {
  /** What its queue calls it. */
  id: string | undefined;
  /** Its process is over. */
  over = false;
  /** Why its host could not work. */
  broken: string | undefined;
  /** The time limit by which its run has ended it. */
  late: TimeoutKind | undefined;
  /** Items whose end has not been told. */
  left = 0;
  private readonly places = new Map<number, Place>();
  private readonly told = new Set<number>();

  constructor(
    readonly job: Job,
    /** Its number in the journal of this run. */
    readonly number: number,
    /** Where its letters are found, and under which number. */
    readonly outbox: string,
    readonly letterNumber: number,
    /** The number of the batch in its specification. */
    readonly batch: number,
    /** How many items there are in its specification. */
    readonly size: number,
    /** It was made by a run that is no more. */
    readonly adopted = false,
  ) {}

  /** An item of the job stands for an item of a batch. */
  assign(item: number, batch: Batch, own: number): void {
    this.places.set(item, { batch, item: own });
    this.left++;
  }

  /** Where an item belongs; `undefined` when nobody waits for it. */
  place(item: number): Place | undefined {
    return this.places.get(item);
  }

  /** The item that stands for an item of a batch. */
  itemOf(batch: number, own: number): number | undefined {
    for (const [item, place] of this.places) {
      if (place.batch.id === batch && place.item === own) return item;
    }
    return undefined;
  }

  /** Whether somebody waits for the end of an item. */
  isOpen(item: number): boolean {
    return this.places.has(item) && !this.told.has(item);
  }

  /** The items whose end somebody waits for. */
  open(): number[] {
    return [...this.places.keys()].filter((item) => !this.told.has(item));
  }

  /** The end of an item is told. */
  tell(item: number): void {
    this.told.add(item);
    this.left--;
  }

  /** The batches that wait for it. */
  batches(): Set<Batch> {
    return new Set([...this.places.values()].map(({ batch }) => batch));
  }
}
