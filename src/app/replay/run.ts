import type { Placement } from "../../ports/placement.ts";
import { SimulatedCluster } from "../../simulation/cluster/cluster.ts";
import { scenarioOf } from "../../simulation/cluster/scenario.ts";
import type { Simulation } from "../../snapshot/simulation/types.ts";
import { controllerOf } from "./controller-of.ts";
import { type Course, courseOf, ratesBetween } from "./course.ts";
import { Measure } from "./measure.ts";
import { Placer } from "./placer.ts";
import { sizedVariants } from "./sized-variants.ts";
import type { Controller, ControllerName, FleetOf, ReplayJob, ReplayOutcome } from "./types.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** What there is at the beginning follows from the traffic of so long, where the file says nothing. */
const WARM_MS = 300_000;
/** After the last request, answers are waited for so long; what has none by then has none. */
const DRAIN_MS = 600_000;

export interface ReplayParts {
  placement: Placement;
  fleetOf: FleetOf;
}

/** One controller on one course, as fast as it goes. The same job gives the same outcome. */
export async function replay({ placement, fleetOf }: ReplayParts, job: ReplayJob): Promise<ReplayOutcome> {
  const course = courseOf(job.simulation, job.trace);
  const simulation = await begun(placement, controlled(job), job.controller, course);
  const sized = sizedVariants(simulation, course.mixes);
  const controller = controllerOf(job.controller, { placement, fleetOf, simulation, course, sized });
  const measure = new Measure(simulation, course.arrivals);
  const cluster = new SimulatedCluster(scenarioOf(simulation), course.arrivals, (request) => measure.served(request));
  const initial = cluster.counts.started;
  await drive(cluster, controller, course.durationMs, measure);
  const prices = new Map(simulation.pools.map(({ name, pricePerDeviceHour }) => [name, pricePerDeviceHour]));
  const held = sized.map(({ key, variant }) => ({
    hours: (cluster.counts.deviceMs.get(key) ?? 0) / HOUR_MS,
    price: prices.get(variant.pool) ?? 0,
  }));
  const { started, stopped, pendingMs } = cluster.counts;
  await finish(cluster, controller, course.durationMs);
  for (const [workload, { open }] of cluster.gateways) measure.unanswered(workload, open);
  return {
    controller: job.controller,
    seed: simulation.seed,
    classes: measure.classes(),
    cost: held.reduce((sum, { hours, price }) => sum + hours * price, 0),
    deviceHours: held.reduce((sum, { hours }) => sum + hours, 0),
    starts: started - initial,
    stops: stopped,
    pendingReplicaHours: pendingMs / HOUR_MS,
    failedSolves: controller.failedSolves ?? 0,
    minutes: measure.minutes,
  };
}

/** Autoscalers of single targets have one target for each workload: its first. Replicas of the bound are ready at once. */
function controlled({ controller, simulation }: ReplayJob): Simulation {
  if (controller === "hpa" || controller === "kpa") {
    const first = simulation.workloads.map((workload) => ({ ...workload, variants: workload.variants.slice(0, 1) }));
    return { ...simulation, workloads: first };
  }
  if (controller !== "clairvoyant") return simulation;
  const atOnce = simulation.workloads.map((workload) => ({
    ...workload,
    variants: workload.variants.map((variant) => ({ ...variant, startSeconds: 0, startVariation: 0 })),
  }));
  return { ...simulation, workloads: atOnce };
}

/**
 * With the replicas that are there and ready at the beginning: those of the file, or where it names none those that the traffic of the
 * first five minutes needs; for `fixed` that of the whole course.
 */
async function begun(
  placement: Placement,
  simulation: Simulation,
  controller: ControllerName,
  course: Course,
): Promise<Simulation> {
  const states = simulation.workloads.some(({ variants }) =>
    variants.some(({ initialReplicas }) => initialReplicas > 0),
  );
  if (states) return simulation;
  const placer = new Placer(placement, simulation, sizedVariants(simulation, course.mixes));
  const untilMs = controller === "fixed" ? course.durationMs : Math.min(WARM_MS, course.durationMs);
  const counts = await placer.counts(ratesBetween(course, 0, untilMs));
  const workloads = simulation.workloads.map((workload) => ({
    ...workload,
    variants: workload.variants.map((variant) => ({
      ...variant,
      initialReplicas: counts.get(`${workload.name.split("/")[0]}/${variant.name}`) ?? 0,
    })),
  }));
  return { ...simulation, workloads };
}

async function drive(
  cluster: SimulatedCluster,
  controller: Controller,
  durationMs: number,
  measure: Measure,
): Promise<void> {
  let nextMs = controller.looksAhead === true ? 0 : controller.stepMs;
  for (let minute = 0; minute < measure.minutes.length; minute++) {
    const endMs = Math.min(durationMs, (minute + 1) * MINUTE_MS);
    for (; nextMs < endMs; nextMs += controller.stepMs) {
      cluster.advanceTo(nextMs);
      await controller.step(cluster);
    }
    cluster.advanceTo(endMs);
    for (const { node, held, foreign } of cluster.nodes.all()) {
      if (node.devices > 0) measure.minutes[minute]!.devices += held - foreign;
    }
  }
}

/** The controller goes on while answers are waited for. */
async function finish(cluster: SimulatedCluster, controller: Controller, fromMs: number): Promise<void> {
  const open = () => [...cluster.gateways.values()].some((gateway) => gateway.open > 0);
  for (let atMs = fromMs; atMs < fromMs + DRAIN_MS && open(); atMs += controller.stepMs) {
    cluster.advanceTo(atMs);
    await controller.step(cluster);
  }
}
