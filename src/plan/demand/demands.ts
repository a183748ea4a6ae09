import type { ReplicaStates } from "../../model/replicas/types.ts";
import { withShapeOf } from "../../model/sizing/combined-lengths.ts";
import type { Serving } from "../../snapshot/serving.ts";
import type { World, WorldVariant } from "../../snapshot/world/types.ts";
import { aheadOf, plannedForecast } from "./forecasted.ts";
import { type ReportedDemand, reportedDemand, statedMix } from "./reported.ts";
import { forecastText, rateText } from "./sentences.ts";
import { servedDemand } from "./served.ts";
import { signalledDemand } from "./signalled.ts";
import type { Demand } from "./types.ts";

/** Demand of every workload that a variant serves: what is planned for, what it follows from, and what nobody knows. */
export function demands(world: World, states: ReplicaStates): Map<string, Demand> {
  const signals = new Map(world.signals?.map((own) => [own.workload, own]));
  const asked = reportedDemands(world);
  return new Map(
    [...asked].map(([workload, { variants, reported }]) => {
      const serving = servingOf(variants);
      const own = signals.get(workload);
      if (serving.kind === "llm") return [workload, requestDemand(world, states, workload, variants, reported)];
      const parts = { serving, variants, reported, ...(own === undefined ? {} : { signals: own }) };
      return [workload, servedDemand(world, states, parts)];
    }),
  );
}

/** What is asked now, by workload: of reports, else of what the servers tell, else as stated. */
export function reportedDemands(world: World): Map<string, { variants: WorldVariant[]; reported: ReportedDemand }> {
  const reports = Map.groupBy(world.demands, (demand) => demand.workload);
  const signals = new Map(world.signals?.map((own) => [own.workload, own]));
  const variantsOf = Map.groupBy(world.variants, (variant) => variant.workload);
  return new Map(
    [...variantsOf].map(([workload, variants]) => {
      const inOrder = [...variants].sort((a, b) => (a.key < b.key ? -1 : 1));
      const own = reports.get(workload) ?? [];
      const told = own.length > 0 ? undefined : signalledDemand(signals.get(workload));
      if (told === undefined) return [workload, { variants: inOrder, reported: reportedDemand(world, inOrder, own) }];
      const tokenMix = withShapeOf(told.tokenMix, statedMix(inOrder));
      return [workload, { variants: inOrder, reported: { ...told, ...(tokenMix === undefined ? {} : { tokenMix }) } }];
    }),
  );
}

/** Of several variants the first that says how its workload is served. */
export function servingOf(inOrder: readonly WorldVariant[]): Serving {
  return inOrder.find(({ serving }) => serving !== undefined)?.serving ?? { kind: "llm" };
}

function requestDemand(
  world: World,
  states: ReplicaStates,
  workload: string,
  variants: readonly WorldVariant[],
  reported: ReportedDemand,
): Demand {
  const { perSecond: nowPerSecond, known } = reported;
  const now = {
    ...reported,
    nowPerSecond,
    unit: "requests" as const,
    basis: `${rateText(nowPerSecond)} requests/s now`,
  };
  const ahead = aheadOf(world, states, variants);
  if (known === "none") return { ...now, basis: "nobody reports its demand" };
  if (ahead === undefined || known !== "all") return now;
  const forecast = plannedForecast(world.memory.demands?.[workload], world.takenAtMs, ahead);
  if (forecast === undefined) return now;
  // Quantiles of a quiet workload stay above zero for long: none is asked for a request that is not expected.
  const isQuiet = nowPerSecond === 0 && (forecast.medianPerSecond * ahead.horizonMs) / 1000 < 1;
  if (isQuiet) return { ...now, forecast, basis: `${now.basis}, and none is expected` };
  return {
    ...now,
    perSecond: forecast.plannedPerSecond,
    forecast,
    basis: `${now.basis}, ${forecastText(forecast)}`,
  };
}
