import { FIELD_MANAGER } from "../../domain/field-manager.ts";
import type { StatusOutcome, StatusReport, StatusWriter } from "../../ports/cluster.ts";
import type { KubernetesApi } from "./api/client.ts";
import { asApiError } from "./api/error.ts";
import { inParallel } from "./concurrency.ts";
import { GROUP_PATH } from "./convert/resources.ts";
import { policyStatusPatch, type RawVariantStatus, variantStatusPatch } from "./convert/status.ts";
import { variantPath } from "./paths.ts";

export interface StatusWriterParts {
  api: KubernetesApi;
  /** Name of the `PlacementPolicy`. */
  scope: string;
  /** Status of each variant as the cluster has it. */
  stored(): ReadonlyMap<string, unknown>;
}

interface Write {
  name: string;
  path: string;
  status: object;
}

const PARALLEL_WRITES = 16;

/** Patches the status subresource of what changed. */
export class KubernetesStatusWriter implements StatusWriter {
  readonly #parts: StatusWriterParts;
  readonly #last = new Map<string, string>();

  constructor(parts: StatusWriterParts) {
    this.#parts = parts;
  }

  async write(report: StatusReport): Promise<StatusOutcome> {
    const writes = [...this.#variantWrites(report), ...this.#otherWrites(report)];
    const results = await inParallel(writes, PARALLEL_WRITES, (write) => this.#patch(write));
    const failed = results.filter((result) => result !== undefined);
    const all = report.variants.size + report.overrides.size + (report.policy === undefined ? 0 : 1);
    return { written: writes.length - failed.length, unchanged: all - writes.length, failed };
  }

  #variantWrites(report: StatusReport): Write[] {
    const stored = this.#parts.stored();
    const writes: Write[] = [];
    for (const [key, status] of report.variants) {
      const patch = variantStatusPatch(status, stored.get(key) as RawVariantStatus | undefined, report.atMs);
      if (patch !== undefined) writes.push({ name: key, path: `${variantPath(key)}/status`, status: patch });
    }
    return writes;
  }

  /** Policy and overrides: few, and compared with what this process wrote last. */
  #otherWrites(report: StatusReport): Write[] {
    const writes: Write[] = [];
    if (report.policy !== undefined) {
      const path = `${GROUP_PATH}/placementpolicies/${encodeURIComponent(this.#parts.scope)}/status`;
      writes.push({ name: `policy ${this.#parts.scope}`, path, status: policyStatusPatch(report.policy) });
    }
    for (const [id, status] of report.overrides) {
      const path = `${GROUP_PATH}/placementoverrides/${encodeURIComponent(id)}/status`;
      writes.push({ name: `override ${id}`, path, status: { applied: status.applied, effect: status.effect } });
    }
    return writes.filter(({ path, status }) => this.#last.get(path) !== JSON.stringify(status));
  }

  async #patch({ name, path, status }: Write): Promise<{ name: string; reason: string } | undefined> {
    try {
      await this.#parts.api.patch(path, { status }, { fieldManager: FIELD_MANAGER });
      if (path.startsWith(`${GROUP_PATH}/placement`)) this.#last.set(path, JSON.stringify(status));
      return undefined;
    } catch (error) {
      const { kind, message } = asApiError(error);
      // Whoever deleted it needs no status.
      return kind === "notFound" ? undefined : { name, reason: `${kind}: ${message}` };
    }
  }
}
