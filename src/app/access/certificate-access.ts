import type { Access, Credentials, Identity, Right } from "../../ports/access.ts";
import { ANY_CLIENT, type ClientRights } from "./client-rights.ts";

/** Callers by their client certificates; rights by a file. */
export class CertificateAccess implements Access {
  readonly howTo = "a client certificate that an authority of --tls-client-ca signed";
  readonly #rights: ClientRights;

  constructor(rights: ClientRights) {
    this.#rights = rights;
  }

  /** The common name of the subject; where it has none, the first alternative name. */
  async authenticate({ certificate }: Credentials): Promise<Identity | undefined> {
    const name = certificate?.commonName ?? certificate?.alternativeNames[0];
    // A name that is the wildcard of the file would be everybody.
    if (name === undefined || name.trim() === "" || name === ANY_CLIENT) return undefined;
    return { name, provedBy: "certificate" };
  }

  async authorize({ name }: Identity, right: Right): Promise<boolean> {
    return [name, ANY_CLIENT].some((entry) => this.#rights.get(entry)?.has(right) === true);
  }

  fix({ name }: Identity, right: Right): string {
    return `give ${name} the right ${right} in the file of --client-rights`;
  }
}
