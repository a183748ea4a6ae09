import type { SimulatedNode } from "./types.ts";

interface NodeState {
  readonly node: SimulatedNode;
  lost: boolean;
  cordoned: boolean;
  /** Devices that pods hold, those of nobody here included. */
  held: number;
  foreign: number;
}

/** The nodes, what is held on them, and where a pod goes. */
export class SimulatedNodes {
  private readonly byName: Map<string, NodeState>;

  constructor(nodes: readonly SimulatedNode[]) {
    const fresh = (node: SimulatedNode): NodeState => ({ node, lost: false, cordoned: false, held: 0, foreign: 0 });
    this.byName = new Map(nodes.map((node) => [node.name, fresh(node)]));
  }

  all(): Iterable<Readonly<NodeState>> {
    return this.byName.values();
  }

  /** Takes devices on the fullest node of the pool that has room (the first by name of several); undefined: none has. */
  place(pool: string, devices: number): string | undefined {
    let best: NodeState | undefined;
    for (const state of this.byName.values()) {
      if (state.node.pool !== pool || state.lost || state.cordoned || freeOf(state) < devices) continue;
      if (best === undefined || freeOf(state) < freeOf(best)) best = state;
    }
    if (best === undefined) return undefined;
    best.held += devices;
    return best.node.name;
  }

  release(name: string, devices: number): void {
    const state = this.byName.get(name);
    if (state !== undefined) state.held -= devices;
  }

  /** A pod of nobody here; false where there is no room. */
  takeForeign(name: string, devices: number): boolean {
    const state = this.byName.get(name);
    if (state === undefined || freeOf(state) < devices) return false;
    state.held += devices;
    state.foreign += devices;
    return true;
  }

  releaseForeign(name: string, devices: number): void {
    const state = this.byName.get(name);
    if (state === undefined) return;
    state.held -= devices;
    state.foreign -= devices;
  }

  setLost(name: string, lost: boolean): void {
    const state = this.byName.get(name);
    if (state !== undefined) state.lost = lost;
  }

  setCordoned(name: string, cordoned: boolean): void {
    const state = this.byName.get(name);
    if (state !== undefined) state.cordoned = cordoned;
  }
}

const freeOf = ({ node, held }: NodeState): number => node.devices - held;
