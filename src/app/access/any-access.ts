import type { Access, Credentials, Identity, Right } from "../../ports/access.ts";

/** Several ways to prove who one is: what is shown in the order of the ways, each with its own rights. */
export class AnyAccess implements Access {
  readonly #ways: ReadonlyMap<Identity["provedBy"], Access>;

  constructor(ways: ReadonlyMap<Identity["provedBy"], Access>) {
    this.#ways = ways;
  }

  get howTo(): string {
    return [...this.#ways.values()].map((way) => way.howTo).join(", or ");
  }

  async authenticate(credentials: Credentials): Promise<Identity | undefined> {
    for (const way of this.#ways.values()) {
      const identity = await way.authenticate(credentials);
      if (identity !== undefined) return identity;
    }
    return undefined;
  }

  async authorize(identity: Identity, right: Right): Promise<boolean> {
    return (await this.#ways.get(identity.provedBy)?.authorize(identity, right)) ?? false;
  }

  fix(identity: Identity, right: Right): string {
    return this.#ways.get(identity.provedBy)?.fix(identity, right) ?? "ask who runs the service";
  }
}
