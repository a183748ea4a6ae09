/**
 * What a caller may do. They are separate: none includes another.
 * - `read`: plans, status, reports, overrides and audit, what-if
 * - `report`: hand in demand and inventory
 * - `override`: overrides and approvals
 * - `solve`: have problems solved and plans checked that are not about the fleet
 */
export type Right = "read" | "report" | "override" | "solve";

/** What a caller shows of itself. */
export interface Credentials {
  bearerToken?: string;
  /** Only one that an authority of this service signed. */
  certificate?: ClientCertificate;
}

/** Names in a client certificate. */
export interface ClientCertificate {
  commonName?: string;
  /** URIs, e-mail addresses and DNS names of `subjectAltName`, in that order. */
  alternativeNames: string[];
}

/** Who calls, as far as that is proved. */
export interface Identity {
  /** The author of what it decides. */
  name: string;
  provedBy: "certificate" | "kubernetes";
  /** Of a Kubernetes user, as its authenticator gave them. */
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

/** Tells callers apart, and what they may do. Both calls reject where that cannot be told at present: then nobody may. */
export interface Access {
  /** Undefined where the credentials prove nothing. */
  authenticate(credentials: Credentials): Promise<Identity | undefined>;
  authorize(identity: Identity, right: Right): Promise<boolean>;
  /** How a caller proves who it is, for those who could not: part of a sentence. */
  readonly howTo: string;
  /** How somebody is given a right: part of a sentence. */
  fix(identity: Identity, right: Right): string;
}
