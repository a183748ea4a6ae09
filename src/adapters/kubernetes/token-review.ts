import { createHash } from "node:crypto";
import type { Access, Credentials, Identity, Right } from "../../ports/access.ts";
import type { KubernetesApi } from "./api/client.ts";
import { ExpiringCache } from "./expiring-cache.ts";

const TOKEN_REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews";
const ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/** What RBAC has to allow, in the whole cluster, for each right. */
const ATTRIBUTES: Record<Right, { verb: string; resource: string }> = {
  read: { verb: "get", resource: "placements" },
  report: { verb: "create", resource: "reports" },
  override: { verb: "create", resource: "placementoverrides" },
  solve: { verb: "solve", resource: "placements" },
};
const GROUP = "apportion.dev";

/** A token or right that is taken away works this long at most. */
const KEEP_MS = 30_000;
/** A right that was just given should not be waited for. */
const KEEP_REFUSED_MS = 3_000;
const MAX_CALLERS = 2_000;
const MAX_DECISIONS = 8_000;
/** Reviews at a time, and that wait: callers with made-up tokens must not keep the API server busy. */
const MAX_RUNNING = 8;
const MAX_WAITING = 200;

interface UserInfo {
  username?: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

export interface TokenReviewOptions {
  /** Tokens have to be made for it; absent: for the API server. */
  audience?: string;
  nowMs?: () => number;
}

/** Callers by Kubernetes tokens (TokenReview), their rights by RBAC (SubjectAccessReview). Tokens are never kept, only hashes. */
export class KubernetesAccess implements Access {
  readonly howTo: string;
  readonly #api: KubernetesApi;
  readonly #audience: string | undefined;
  /** By hash of the token: those that prove something, and all that were looked at just now. */
  readonly #callers: ExpiringCache<Identity>;
  readonly #reviews: ExpiringCache<Identity | undefined>;
  readonly #decisions: ExpiringCache<boolean>;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(api: KubernetesApi, options: TokenReviewOptions = {}) {
    const nowMs = options.nowMs ?? (() => performance.now());
    const { audience } = options;
    this.#api = api;
    this.#audience = audience;
    this.howTo = `a Kubernetes token${audience === undefined ? "" : ` for audience ${audience}`} as authorization: Bearer`;
    this.#callers = new ExpiringCache(MAX_CALLERS, nowMs);
    this.#reviews = new ExpiringCache(MAX_CALLERS, nowMs);
    this.#decisions = new ExpiringCache(MAX_DECISIONS, nowMs);
  }

  async authenticate({ bearerToken }: Credentials): Promise<Identity | undefined> {
    if (bearerToken === undefined) return undefined;
    const key = createHash("sha256").update(bearerToken).digest("base64");
    const known = this.#callers.peek(key);
    if (known !== undefined) return known;
    // Any number of tokens can be made up: none of them pushes out one that proves something.
    const reviewed = await this.#reviews.get(key, async () => {
      const value = await this.#review(bearerToken);
      return { value, keepMs: KEEP_REFUSED_MS };
    });
    if (reviewed !== undefined) this.#callers.put(key, reviewed, KEEP_MS);
    return reviewed;
  }

  async authorize(identity: Identity, right: Right): Promise<boolean> {
    const { name, uid, groups, extra } = identity;
    const key = JSON.stringify([right, name, uid, groups, extra]);
    return this.#decisions.get(key, async () => {
      const resourceAttributes = { group: GROUP, ...ATTRIBUTES[right] };
      const spec = { user: name, uid, groups, extra, resourceAttributes };
      const body = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec };
      const { status } = await this.#limited(() =>
        this.#api.create<{ status?: { allowed?: boolean } }>(ACCESS_REVIEWS, body),
      );
      const value = status?.allowed === true;
      return { value, keepMs: value ? KEEP_MS : KEEP_REFUSED_MS };
    });
  }

  fix({ name }: Identity, right: Right): string {
    const { verb, resource } = ATTRIBUTES[right];
    return `bind ${name} to a ClusterRole that allows ${verb} ${resource} of group ${GROUP}`;
  }

  async #review(token: string): Promise<Identity | undefined> {
    const spec = { token, ...(this.#audience !== undefined && { audiences: [this.#audience] }) };
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec };
    type Review = { status?: { authenticated?: boolean; user?: UserInfo; audiences?: string[] } };
    const { status } = await this.#limited(() => this.#api.create<Review>(TOKEN_REVIEWS, body));
    const name = status?.user?.username;
    if (status?.authenticated !== true || name === undefined || name === "") return undefined;
    // An authenticator that knows no audiences names none: its tokens are for anybody.
    if (this.#audience !== undefined && status.audiences?.includes(this.#audience) !== true) return undefined;
    const { uid, groups, extra } = status.user ?? {};
    return { name, provedBy: "kubernetes", uid, groups, extra };
  }

  /** @throws Error where too many wait already */
  async #limited<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_RUNNING) {
      if (this.#waiting.length >= MAX_WAITING) throw new Error("too many callers are being checked");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await ask();
    } finally {
      // Whoever waits longest takes the place over.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
