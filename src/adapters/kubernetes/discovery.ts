import type { KubernetesApi } from "./api/client.ts";
import { asApiError } from "./api/error.ts";
import { groupPath } from "./paths.ts";

export interface ApiResource {
  plural: string;
  namespaced: boolean;
  /** Has the scale subresource. */
  scalable: boolean;
}

interface RawResourceList {
  resources?: { name?: string; kind?: string; namespaced?: boolean }[];
}

/** A CRD may be installed, or gain a scale subresource, at any time. */
const MAX_AGE_MS = 60_000;

/** Which kinds there are, by the API server's own lists; each group is asked for once in a while. */
export class Discovery {
  readonly #api: KubernetesApi;
  readonly #groups = new Map<string, { readAtMs: number; kinds: Map<string, ApiResource> }>();

  constructor(api: KubernetesApi) {
    this.#api = api;
  }

  /**
   * Undefined where the server does not know the kind.
   *
   * @throws ApiError where the server does not answer
   */
  async find(apiVersion: string, kind: string): Promise<ApiResource | undefined> {
    const known = this.#groups.get(apiVersion);
    if (known !== undefined && performance.now() - known.readAtMs < MAX_AGE_MS) return known.kinds.get(kind);
    const kinds = await this.#read(apiVersion);
    this.#groups.set(apiVersion, { readAtMs: performance.now(), kinds });
    return kinds.get(kind);
  }

  async #read(apiVersion: string): Promise<Map<string, ApiResource>> {
    try {
      const list = await this.#api.get<RawResourceList>(groupPath(apiVersion));
      return kindsOf(list);
    } catch (error) {
      if (asApiError(error).kind === "notFound") return new Map();
      throw error;
    }
  }
}

export function kindsOf(list: RawResourceList): Map<string, ApiResource> {
  const resources = list.resources ?? [];
  const names = new Set(resources.map(({ name }) => name));
  const kinds = new Map<string, ApiResource>();
  for (const { name, kind, namespaced } of resources) {
    if (name === undefined || kind === undefined || name.includes("/")) continue;
    kinds.set(kind, { plural: name, namespaced: namespaced ?? false, scalable: names.has(`${name}/scale`) });
  }
  return kinds;
}
