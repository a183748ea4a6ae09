import { setTimeout as sleep } from "node:timers/promises";
import { FIELD_MANAGER } from "../../domain/field-manager.ts";
import type {
  Actuator,
  DeletionCost,
  DrainCommands,
  DrainOutcome,
  ScaleCommand,
  ScaleOutcome,
  ScaleResult,
} from "../../ports/actuator.ts";
import type { Clock } from "../../ports/clock.ts";
import type { KubernetesApi } from "./api/client.ts";
import { type ApiError, asApiError } from "./api/error.ts";
import { inParallel } from "./concurrency.ts";
import { DELETION_COST_ANNOTATION } from "./convert/pod.ts";
import { timeText } from "./convert/time.ts";
import { carryOutDrain } from "./drain.ts";
import { variantPath } from "./paths.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { ScaleTarget } from "./scale-target.ts";

export interface ActuatorParts {
  api: KubernetesApi;
  /** The first that handles a target's kind is asked. */
  targets: readonly ScaleTarget[];
  limit: RateLimit;
  clock: Clock;
}

/** What the CRD's rule on `status.asked` answers. */
const FENCED = "a newer plan has acted";
const PARALLEL_COMMANDS = 8;
/** Controllers write status into the same objects, so a conflict alone says nothing about the count. */
const ATTEMPTS = 5;
const RETRY_MS = 200;
const MAX_RETRY_AFTER_MS = 5_000;

/**
 * Writes counts. Each command reads its target anew, records in the variant's status which plan asks for what, which the
 * API server refuses to a plan older than one that acted (a rule of the CRD), and then writes on condition that the
 * target is still as read.
 */
export class KubernetesActuator implements Actuator {
  readonly #parts: ActuatorParts;

  constructor(parts: ActuatorParts) {
    this.#parts = parts;
  }

  async apply(
    revision: number,
    steps: readonly (readonly ScaleCommand[])[],
    mayAct: () => boolean,
  ): Promise<ScaleOutcome[]> {
    const outcomes: ScaleOutcome[] = [];
    let fenced = false;
    for (const step of steps) {
      const may = () => !fenced && mayAct();
      const done = await inParallel(step, PARALLEL_COMMANDS, async (command) => {
        const outcome = await this.#scale(revision, command, may);
        fenced ||= outcome.result === "fenced";
        return outcome;
      });
      outcomes.push(...done);
    }
    return outcomes;
  }

  drain(commands: DrainCommands, label: string, mayAct: () => boolean): Promise<DrainOutcome> {
    return carryOutDrain(this.#parts, commands, label, mayAct);
  }

  async #scale(revision: number, command: ScaleCommand, mayAct: () => boolean): Promise<ScaleOutcome> {
    let failure: ApiError | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (!mayAct()) return outcome(command, "fenced", "this replica no longer leads");
      try {
        return await this.#attempt(revision, command, mayAct);
      } catch (error) {
        failure = asApiError(error);
        if (failure.kind === "notFound") return outcome(command, "gone", failure.message);
        if (failure.kind === "forbidden" || failure.kind === "invalid" || failure.kind === "unauthorized") break;
        // A write without an answer may have been carried out: the next attempt reads the count first.
        await sleep(Math.min(failure.retryAfterMs ?? RETRY_MS * 2 ** attempt, MAX_RETRY_AFTER_MS));
      }
    }
    return outcome(command, "failed", failure === undefined ? "" : `${failure.kind}: ${failure.message}`);
  }

  async #attempt(revision: number, command: ScaleCommand, mayAct: () => boolean): Promise<ScaleOutcome> {
    const target = this.#parts.targets.find((candidate) => candidate.handles(command));
    if (target === undefined) return outcome(command, "failed", `nothing here scales a ${command.kind}`);
    const observed = await target.read(command);
    const { replicas } = observed;
    if (replicas === command.to) return outcome(command, "done", "it asks for that already", replicas);
    if (replicas !== command.from) {
      const message = `it asks for ${replicas}, and the plan was made from ${command.from}`;
      return outcome(command, "changed", message, replicas);
    }
    await inParallel(command.deletionCosts, PARALLEL_COMMANDS, (cost) => this.#setDeletionCost(cost, mayAct));
    if (!mayAct()) return outcome(command, "fenced", "this replica no longer leads", replicas);
    await this.#parts.limit.take();
    if (!(await this.#recordIntent(revision, command))) {
      return outcome(command, "fenced", "a newer plan has acted on it", replicas);
    }
    await this.#parts.limit.take();
    if (!mayAct()) return outcome(command, "fenced", "this replica no longer leads", replicas);
    await target.write(command, command.to, observed);
    return outcome(command, "done", `${command.from} to ${command.to}`, command.to);
  }

  /** False where the cluster refuses the revision. */
  async #recordIntent(revision: number, { variant, to }: ScaleCommand): Promise<boolean> {
    const asked = { revision, replicas: to, time: timeText(this.#parts.clock.nowMs()) };
    try {
      await this.#parts.api.patch(
        `${variantPath(variant)}/status`,
        { status: { asked } },
        { fieldManager: FIELD_MANAGER },
      );
      return true;
    } catch (error) {
      const { status, message } = asApiError(error);
      if (status === 422 && message.includes(FENCED)) return false;
      throw error;
    }
  }

  /** Best effort: without it the controller chooses by its own rules. */
  async #setDeletionCost({ namespace, pod, cost }: DeletionCost, mayAct: () => boolean): Promise<void> {
    await this.#parts.limit.take();
    if (!mayAct()) return;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;
    const patch = { metadata: { annotations: { [DELETION_COST_ANNOTATION]: String(cost) } } };
    await this.#parts.api.patch(path, patch, { fieldManager: FIELD_MANAGER }).catch(() => {});
  }
}

function outcome(command: ScaleCommand, result: ScaleResult, message: string, replicas?: number): ScaleOutcome {
  return { command, result, message, replicas };
}
