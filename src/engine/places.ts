/** The places that nodes take while they run: what the scheduler is told of them, and those that other processes share. */
import type { Group, Input } from "../schedule/input.ts";
import type { Lease, Sending } from "../store/leases.ts";
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
    run.ports.shared?.onWarning((message) => run.warn(message));
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
    const taken = this.lease(nodes, shared);
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
    // It is not for another job that does the same: it has one.
    const taken = this.lease([node], shared, false);
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
  async close(): Promise<void> {
    for (const callOff of this.waits.values()) callOff();
    for (const node of [...this.holds.keys()]) this.release(node);
    await this.run.ports.shared?.close();
  }

  /** Takes a slot of each limit, or none; gives the limit that has none. */
  private lease(nodes: readonly number[], shared: readonly string[], fresh = true): Lease[] | string {
    const { ports, graph, options } = this.run;
    const taken: Lease[] = [];
    const who = graph.describe(this.run.node(nodes[0]!));
    for (const label of shared) {
      const lease = ports.shared!.leases.take(
        label,
        options.sharedLimits[label]!,
        who,
        this.sending(nodes, fresh),
      );
      if (lease === undefined) {
        for (const one of taken) one.giveUp();
        return label;
      }
      taken.push(lease);
    }
    return taken;
  }

  /** What is to be sent elsewhere, if nodes are. */
  private sending(nodes: readonly number[], fresh: boolean): Sending | undefined {
    const { sent } = this.run.variantOf(nodes[0]!);
    if (sent === undefined) return undefined;
    return {
      label: sent.label,
      backend: sent.rule.backend,
      items: nodes.map((
        node,
      ) => [this.run.node(node).call.key, fresh ? this.run.validities[node] ?? "" : ""]),
    };
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
