/** Who wrote the status of the policy last, and of which plan. */
export interface PolicyWriter {
  /** `namespace/identity`. */
  leader: string;
  revision: number;
}

/**
 * Whether another installation plans the same scope. Replicas of one installation share a Lease; two installations in
 * different namespaces do not, and what they share is the policy, whose status whoever acts writes in every cycle. One that
 * begins to act waits while the status of another goes on changing; of two that began together, the first by name goes on.
 */
export class Installations {
  readonly #namespace: string;
  readonly #quietMs: number;
  #seen: PolicyWriter | undefined;
  #seenAtMs = 0;
  #acting = false;
  #rival: string | undefined;

  /** @param quietMs another that has written nothing for so long is gone */
  constructor(namespace: string, quietMs: number) {
    this.#namespace = namespace;
    this.#quietMs = quietMs;
  }

  /** How this process signs the status of the policy. */
  signature(identity: string): string {
    return `${this.#namespace}/${identity}`;
  }

  /** The other installation, while it acts; undefined: this one may. `nowMs` by a clock that does not jump. */
  rival(writer: PolicyWriter | undefined, nowMs: number): string | undefined {
    const changed = writer?.leader !== this.#seen?.leader || writer?.revision !== this.#seen?.revision;
    if (changed) [this.#seen, this.#seenAtMs] = [writer, nowMs];
    const other = writer === undefined ? undefined : namespaceOf(writer.leader);
    if (writer === undefined || other === this.#namespace) this.#rival = undefined;
    else if (changed) this.#rival = this.#acting && this.#namespace < (other ?? "") ? undefined : writer.leader;
    else if (nowMs - this.#seenAtMs >= this.#quietMs) this.#rival = undefined;
    this.#acting = this.#rival === undefined;
    return this.#rival;
  }
}

function namespaceOf(leader: string): string {
  return leader.slice(0, Math.max(0, leader.indexOf("/")));
}
