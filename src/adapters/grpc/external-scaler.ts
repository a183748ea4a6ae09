import { status } from "@grpc/grpc-js";
import type {
  ExternalScalerServer,
  IsActiveResponse,
  ScaledObjectRef,
} from "../../gen/externalscaler/externalscaler.ts";
import type { Live, LivePlan, LiveVariant } from "../../ports/live.ts";
import { answer } from "./answer.ts";
import { CallError } from "./call-error.ts";
import type { LiveCallsDeps } from "./live-calls.ts";
import { NoFleetError } from "./no-fleet-error.ts";

const METRIC = "apportion-desired-replicas";

/**
 * KEDA's external scaler: the metric is the desired count of a variant, with a target of 1 for each replica. An HPA in
 * between keeps its tolerance: from 10 replicas on it swallows steps of one unless its `behavior` sets `tolerance: 0`.
 */
export function externalScaler({ live, log, stopping }: Omit<LiveCallsDeps, "gate">): ExternalScalerServer {
  const fleet = (): Live => {
    if (live === undefined) throw new NoFleetError();
    return live;
  };
  return {
    isActive: (call, callback) =>
      answer(log, "IsActive", callback, async () => ({ result: countFor(fleet(), call.request) > 0 })),
    streamIsActive: (call) =>
      void answer(
        log,
        "StreamIsActive",
        (error) => error && call.emit("error", error),
        async () => {
          const { promise, resolve } = Promise.withResolvers<void>();
          let last: boolean | undefined;
          const send = (response: IsActiveResponse): void => {
            if (response.result === last) return;
            last = response.result;
            call.write(response);
          };
          const name = variantOf(fleet(), call.request).name;
          const unwatch = fleet().watch(0, (plan) => {
            const variant = plan.variants.find((candidate) => candidate.name === name);
            send({ result: variant !== undefined && countOf(plan, variant) > 0 });
          });
          call.on("cancelled", resolve);
          call.on("close", resolve);
          stopping.addEventListener("abort", () => resolve());
          await promise;
          unwatch();
          call.end();
        },
      ),
    getMetricSpec: (call, callback) =>
      answer(log, "GetMetricSpec", callback, async () => {
        variantOf(fleet(), call.request);
        return { metricSpecs: [{ metricName: METRIC, targetSize: 1n, targetSizeFloat: 1 }] };
      }),
    getMetrics: (call, callback) =>
      answer(log, "GetMetrics", callback, async () => {
        const { scaledObjectRef } = call.request;
        if (scaledObjectRef === undefined) {
          throw new CallError(status.INVALID_ARGUMENT, "scaledObjectRef: not set; KEDA sends it");
        }
        const count = countFor(fleet(), scaledObjectRef);
        return { metricValues: [{ metricName: METRIC, metricValue: BigInt(count), metricValueFloat: count }] };
      }),
  };
}

/** @throws CallError NOT_FOUND */
function countFor(live: Live, ref: ScaledObjectRef): number {
  return countOf(live.status().plan, variantOf(live, ref));
}

/** What KEDA is to ask for: the plan, and where that only watches or waits for approval, what there is. */
function countOf({ mode, proposedRevision }: LivePlan, { current, desired }: LiveVariant): number {
  return mode === "observe" || proposedRevision !== undefined ? current : desired;
}

/** @throws CallError NOT_FOUND */
function variantOf(live: Live, ref: ScaledObjectRef): LiveVariant {
  const name = `${ref.namespace}/${ref.scalerMetadata.variant ?? ref.name}`;
  const variant = live.status().plan.variants.find((candidate) => candidate.name === name);
  if (variant !== undefined) return variant;
  throw new CallError(
    status.NOT_FOUND,
    `scalerMetadata.variant: there is no VariantAutoscaling ${name}; give its name in the metadata of the trigger`,
  );
}
