import { FIELD_MANAGER } from "../../domain/field-manager.ts";
import type { ScaleCommand } from "../../ports/actuator.ts";
import type { KubernetesApi } from "./api/client.ts";
import { ApiError } from "./api/error.ts";
import type { RawScale } from "./api/types.ts";
import type { Discovery } from "./discovery.ts";
import { objectPath } from "./paths.ts";

type Target = Pick<ScaleCommand, "apiVersion" | "kind" | "namespace" | "name">;

export interface ObservedScale {
  replicas: number;
  resourceVersion: string;
}

/**
 * How the count of one kind of target is read and written. A kind with more than `/scale` is one more file with one of
 * these, put before `ScaleSubresource` in the actuator's list.
 */
export interface ScaleTarget {
  handles(target: Target): boolean;
  /** @throws ApiError `notFound` where the target is gone */
  read(target: Target): Promise<ObservedScale>;
  /** Only if the target is still as observed. @throws ApiError `conflict` where it is not */
  write(target: Target, replicas: number, observed: ObservedScale): Promise<void>;
}

/** Anything that has the scale subresource. */
export class ScaleSubresource implements ScaleTarget {
  readonly #api: KubernetesApi;
  readonly #discovery: Discovery;

  constructor(api: KubernetesApi, discovery: Discovery) {
    this.#api = api;
    this.#discovery = discovery;
  }

  handles(): boolean {
    return true;
  }

  async read(target: Target): Promise<ObservedScale> {
    const scale = await this.#api.get<RawScale>(await this.#path(target));
    const resourceVersion = scale.metadata?.resourceVersion;
    if (resourceVersion === undefined) throw new ApiError("server", 200, "the scale has no resourceVersion");
    return { replicas: scale.spec?.replicas ?? 0, resourceVersion };
  }

  async write(target: Target, replicas: number, { resourceVersion }: ObservedScale): Promise<void> {
    const patch = { metadata: { resourceVersion }, spec: { replicas } };
    await this.#api.patch(await this.#path(target), patch, { fieldManager: FIELD_MANAGER });
  }

  async #path({ apiVersion, kind, namespace, name }: Target): Promise<string> {
    const resource = await this.#discovery.find(apiVersion, kind);
    if (resource === undefined) throw new ApiError("notFound", 404, `the cluster has no ${kind} in ${apiVersion}`);
    return `${objectPath(apiVersion, resource.plural, namespace, name)}/scale`;
  }
}
