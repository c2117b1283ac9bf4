/** The places that nodes take while they run: what the scheduler is told of them, and those that other processes share. */
import type { Group, Input } from "../schedule/input.ts";
import type { Lease } from "../store/leases.ts";
import { labelRoom } from "./placement.ts";
import type { RunState } from "./run_state.ts";

/** How often a limit that others hold is looked at again, in milliseconds. */
const LOOK = 500;

/** What nodes of one portion hold together. */
interface Hold {
  readonly leases: readonly Lease[];
  left: number;
}

/** The places of a run. */
export class Places {
  private readonly holds = new Map<number, Hold>();
  private readonly pools = new Set<string>();
  private readonly waits = new Map<string, () => void>();
  private roomsTold = false;

  constructor(private readonly run: RunState, private readonly feed: (input: Input) => void) {
    run.ports.onLost((limit) =>
      run.warn(
        `this run has lost its place in the shared limit "${limit}": it was stopped for too long, or ${
          run.ports.cache.writable ?? "the cache"
        } was cleared; more tasks than the limit may be running`,
      )
    );
  }

  /** What the scheduler is told before nodes of new groups are added. */
  told(groups: readonly Group[]): Input[] {
    if (groups.length === 0) return [];
    const { placement } = this.run;
    const inputs: Input[] = [];
    if (!this.roomsTold && !placement.isPlain) {
      this.roomsTold = true;
      inputs.push({ kind: "rooms-set", rooms: placement.rooms() });
    }
    const pools = placement.lanes().filter(([pool]) => !this.pools.has(pool));
    for (const [pool] of pools) this.pools.add(pool);
    if (pools.length > 0) inputs.push({ kind: "pools-set", pools });
    return [...inputs, { kind: "groups-added", groups }];
  }

  /** Takes what nodes share with other processes; `false` when there is no room: the scheduler is told. */
  take(nodes: readonly number[]): boolean {
    const { shared } = this.run.variantOf(nodes[0]!);
    if (shared.length === 0) return true;
    const taken = this.lease(nodes[0]!, shared);
    if (typeof taken === "string") {
      for (const node of nodes) this.feed({ kind: "room-refused", node, room: labelRoom(taken) });
      this.lookLater(taken, () => this.feed({ kind: "room-opened", room: labelRoom(taken) }));
      return false;
    }
    const hold: Hold = { leases: taken, left: nodes.length };
    for (const node of nodes) this.holds.set(node, hold);
    return true;
  }

  /** Takes again what an attempt gave away while it waited, and then lets it go on. */
  retake(node: number, go: () => void): void {
    const { shared } = this.run.variantOf(node);
    if (shared.length === 0 || this.holds.has(node)) return go();
    const taken = this.lease(node, shared);
    if (typeof taken === "string") return this.lookLater(`${taken} ${node}`, () => this.retake(node, go));
    this.holds.set(node, { leases: taken, left: 1 });
    go();
  }

  /** A node does not run any more: what it held is given back. */
  release(node: number): void {
    const hold = this.holds.get(node);
    if (hold === undefined) return;
    this.holds.delete(node);
    if (--hold.left === 0) { for (const lease of hold.leases) lease.release(); }
  }

  /** Gives everything back. */
  close(): void {
    for (const callOff of this.waits.values()) callOff();
    for (const node of [...this.holds.keys()]) this.release(node);
    this.run.ports.leases?.close();
  }

  /** Takes a slot of each limit, or none; gives the limit that has none. */
  private lease(node: number, shared: readonly string[]): Lease[] | string {
    const { ports, graph, options } = this.run;
    const taken: Lease[] = [];
    for (const label of shared) {
      const lease = ports.leases!.take(
        label,
        options.sharedLimits[label]!,
        graph.describe(this.run.node(node)),
      );
      if (lease === undefined) {
        for (const one of taken) one.release();
        return label;
      }
      taken.push(lease);
    }
    return taken;
  }

  private lookLater(name: string, look: () => void): void {
    if (this.waits.has(name)) return;
    const callOff = this.run.ports.clock.after(LOOK, () => {
      this.waits.delete(name);
      look();
    });
    this.waits.set(name, callOff);
  }
}
