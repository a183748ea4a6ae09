import { FIELD_MANAGER } from "../../domain/field-manager.ts";
import { StoreConflictError } from "../../domain/store-conflict-error.ts";
import type { MemoryStore, OverrideStore } from "../../ports/store.ts";
import type { Memory } from "../../snapshot/world/memory.ts";
import type { WorldOverride } from "../../snapshot/world/types.ts";
import type { KubernetesApi } from "./api/client.ts";
import { asApiError } from "./api/error.ts";
import type { RawObject } from "./api/types.ts";
import { fromChunks, toChunks } from "./convert/chunks.ts";
import { GROUP_PATH, overrideOf, policyNameOf, rawOverride } from "./convert/resources.ts";
import { collect } from "./read-resources.ts";

interface RawConfigMap extends RawObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

const MEMORY_LABEL = "apportion.dev/memory";

/**
 * Memory in ConfigMaps: a head that names revision, digest and number of pieces, and holds the only piece where one is
 * enough; else pieces of their own, written before the head and deleted after the next. The head is replaced on condition
 * that it is as read, which fences off a writer that no longer leads.
 */
export class KubernetesMemoryStore implements MemoryStore {
  readonly #api: KubernetesApi;
  readonly #namespace: string;
  readonly #scope: string;

  constructor(api: KubernetesApi, namespace: string, scope: string) {
    this.#api = api;
    this.#namespace = namespace;
    this.#scope = scope;
  }

  async load(): Promise<Memory | undefined> {
    const head = await this.#head();
    if (head === undefined) return undefined;
    const { chunks: count = "0", revision = "0", sha256 = "" } = head.data ?? {};
    const own = head.binaryData?.memory;
    if (own !== undefined) return fromChunks([own], sha256) as Memory;
    const chunks: string[] = [];
    for (let index = 0; index < Number(count); index++) {
      const piece = await this.#api.get<RawConfigMap>(this.#path(this.#pieceName(Number(revision), index)));
      chunks.push(piece.binaryData?.memory ?? "");
    }
    return fromChunks(chunks, sha256) as Memory;
  }

  async save(memory: Memory, after: number): Promise<void> {
    const head = await this.#head();
    const stored = Number(head?.data?.revision ?? 0);
    if (stored !== after) throw new StoreConflictError(`memory has revision ${stored}, not ${after}`);
    const { chunks, sha256 } = toChunks(memory);
    if (chunks.length > 1) await this.#writePieces(memory.revision, chunks);
    const next: RawConfigMap = {
      ...this.#object(this.#headName(), head?.metadata?.resourceVersion),
      data: { revision: String(memory.revision), sha256, chunks: String(chunks.length) },
      binaryData: chunks.length === 1 ? { memory: chunks[0]! } : {},
    };
    await this.#writeHead(next, memory.revision);
    if (Number(head?.data?.chunks ?? 0) > 1) await this.#removePieces(memory.revision);
  }

  async #writeHead(next: RawConfigMap, revision: number): Promise<void> {
    try {
      if (next.metadata?.resourceVersion === undefined) await this.#api.create(this.#collection(), next);
      else await this.#api.replace(this.#path(this.#headName()), next);
    } catch (error) {
      const { kind } = asApiError(error);
      // After no answer the write may have been carried out; then it is ours if it has our digest.
      if (kind === "unreachable" && (await this.#isStored(next))) return;
      if (kind !== "conflict" && kind !== "notFound") throw error;
      throw new StoreConflictError(`memory was written by another before revision ${revision} was`);
    }
  }

  async #isStored(next: RawConfigMap): Promise<boolean> {
    const head = await this.#head();
    return head?.data?.revision === next.data?.revision && head?.data?.sha256 === next.data?.sha256;
  }

  /** Leftovers of a save that was cut off are written over. */
  async #writePieces(revision: number, chunks: readonly string[]): Promise<void> {
    for (const [index, memory] of chunks.entries()) {
      const name = this.#pieceName(revision, index);
      const piece: RawConfigMap = { ...this.#object(name), binaryData: { memory } };
      try {
        await this.#api.create(this.#collection(), piece);
      } catch (error) {
        if (asApiError(error).kind !== "conflict") throw error;
        await this.#api.replace(this.#path(name), piece);
      }
    }
  }

  /** Of other revisions. Best effort: the next save removes what is left. */
  async #removePieces(keep: number): Promise<void> {
    const labelSelector = `${MEMORY_LABEL}=${this.#scope}`;
    const prefix = this.#pieceName(keep, 0).slice(0, -1);
    const pieces = await collect(this.#api, this.#collection(), { labelSelector }).catch(() => []);
    for (const { metadata } of pieces) {
      const name = metadata?.name ?? "";
      if (name === this.#headName() || name.startsWith(prefix)) continue;
      await this.#api.remove(this.#path(name)).catch(() => {});
    }
  }

  async #head(): Promise<RawConfigMap | undefined> {
    try {
      return await this.#api.get<RawConfigMap>(this.#path(this.#headName()));
    } catch (error) {
      if (asApiError(error).kind === "notFound") return undefined;
      throw error;
    }
  }

  #object(name: string, resourceVersion?: string): RawConfigMap {
    const labels = { "app.kubernetes.io/managed-by": "apportion", [MEMORY_LABEL]: this.#scope };
    return {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name,
        namespace: this.#namespace,
        labels,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
    };
  }

  #headName(): string {
    return `apportion-memory-${this.#scope}`;
  }

  #pieceName(revision: number, index: number): string {
    return `${this.#headName()}-${revision}-${index}`;
  }

  #collection(): string {
    return `/api/v1/namespaces/${encodeURIComponent(this.#namespace)}/configmaps`;
  }

  #path(name: string): string {
    return `${this.#collection()}/${encodeURIComponent(name)}`;
  }
}

/** Overrides as `PlacementOverride`s of the scope. */
export class KubernetesOverrideStore implements OverrideStore {
  readonly #api: KubernetesApi;
  readonly #scope: string;

  constructor(api: KubernetesApi, scope: string) {
    this.#api = api;
    this.#scope = scope;
  }

  async list(): Promise<WorldOverride[]> {
    const all = await collect(this.#api, `${GROUP_PATH}/placementoverrides`);
    return all.filter((raw) => policyNameOf(raw) === this.#scope).map(overrideOf);
  }

  /** What stands cannot be changed, but for its end; so one that differs is deleted first. */
  async put(override: WorldOverride): Promise<void> {
    const raw = rawOverride(override, this.#scope);
    try {
      await this.#api.patch(this.#path(override.id), raw, { type: "apply", fieldManager: FIELD_MANAGER });
    } catch (error) {
      if (asApiError(error).status !== 422) throw error;
      await this.remove(override.id);
      await this.#api.patch(this.#path(override.id), raw, { type: "apply", fieldManager: FIELD_MANAGER });
    }
  }

  async remove(id: string): Promise<boolean> {
    try {
      await this.#api.remove(this.#path(id));
      return true;
    } catch (error) {
      if (asApiError(error).kind === "notFound") return false;
      throw error;
    }
  }

  #path(id: string): string {
    return `${GROUP_PATH}/placementoverrides/${encodeURIComponent(id)}`;
  }
}
