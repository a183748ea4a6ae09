import type { EngineName, Progress } from "./api.ts";
import { type ChainContext, relativeGap } from "./chain/context.ts";
import { guaranteeConflicts, minimaConflicts, settleGuarantees, settleMinReplicas } from "./chain/floors.ts";
import { keeps } from "./chain/keep-check.ts";
import { remeasure } from "./chain/remeasure.ts";
import { runLexicographic, runPenalty } from "./chain/run.ts";
import { highsBackend, JSLP_LIMIT, jslpBackend } from "./engines/backends.ts";
import { idleBackend } from "./engines/idle.ts";
import { workshop } from "./engines/price-threads.ts";
import { fillPlan } from "./heuristic/fill.ts";
import { fits } from "./heuristic/usage.ts";
import type { Workshop } from "./lagrange/parallel/stage-threads.ts";
import { PriceEngine } from "./lagrange/price-engine.ts";
import type { MilpBackend } from "./milp/model.ts";
import { attainments } from "./model/attainment.ts";
import { goalsOf } from "./model/goals.ts";
import { aloneProblem, tenantsWithGuarantees } from "./model/guarantees.ts";
import { compile, type Instance } from "./model/instance.ts";
import type { Conflict, GuaranteeReport, Plan } from "./plan/types.ts";
import type { PlacementProblem } from "./problem/types.ts";
import { writePlan } from "./report/plan.ts";

export interface CertifyOptions {
  engine: EngineName;
  gap: number;
  /** Threads that prices may use, this one included; default this one. */
  threads?: number | undefined;
  remainingMs(): number;
  signal: AbortSignal | undefined;
  progress(p: Omit<Progress, "elapsedMs" | "gap">): void;
  /** The plan of an earlier round. */
  previous?: Plan | undefined;
}

/** An engine that was asked for by name but cannot do this problem. */
export class EngineError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "EngineError";
  }
}

function backendFor(engine: EngineName, instance: Instance): MilpBackend {
  if (engine === "heuristic" || engine === "price") return idleBackend;
  if (engine === "jslp") {
    const integers = instance.variants.filter((v) => v.useful > 0).length;
    if (integers > JSLP_LIMIT)
      throw new EngineError(
        `engine: "jslp" takes problems of up to ${JSLP_LIMIT} variants that can run, this one has ${integers}; use "auto" or "highs"`,
      );
    return jslpBackend;
  }
  return highsBackend;
}

/** Packings are written node by node: pools that need one may have this many nodes. */
const PACKED_NODES_LIMIT = 100_000;

function refuseLargePackings(instance: Instance): void {
  for (const pool of instance.pools) {
    const nodes = pool.nodes.reduce((sum, n) => sum + n.count, 0);
    if (!pool.rowsAreExact && nodes > PACKED_NODES_LIMIT)
      throw new EngineError(
        `pools[${pool.name}].nodes: ${nodes} nodes that need a packing (taints, groups, held replicas or sizes that form no chain) ` +
          `are more than ${PACKED_NODES_LIMIT}; split the pool`,
      );
  }
}

/** Model → floors → classes → cost → plan: the numbered steps of one solve. The plan is not yet checked. */
export async function certify(problem: PlacementProblem, options: CertifyOptions): Promise<Plan> {
  // helpers start while the problem is compiled
  const shop = workshop(options.threads ?? 1, problem.workloads.length);
  try {
    return await certifyWith(shop, problem, options);
  } finally {
    shop.crew.end();
  }
}

async function certifyWith(shop: Workshop, problem: PlacementProblem, options: CertifyOptions): Promise<Plan> {
  // 1. canonical instance, shares
  const instance = compile(problem);
  refuseLargePackings(instance);
  const goals = goalsOf(instance);
  const context: ChainContext = {
    instance,
    goals,
    backend: backendFor(options.engine, instance),
    keep: { minReplicas: Float64Array.from(instance.variants, (v) => v.min), rungs: [], totals: [], logs: [] },
    x: new Float64Array(instance.variants.length),
    tangents: new Map(),
    ...(options.engine === "auto" || options.engine === "price"
      ? { prices: new PriceEngine(instance, goals, shop) }
      : {}),
    certificate: [],
    gap: options.gap,
    remainingMs: options.remainingMs,
    reservedMs: 0,
    signal: options.signal,
    progress: options.progress,
  };
  if (options.previous && context.prices) startFrom(context, context.prices, options.previous);
  // 2. minimum replicas
  await settleMinReplicas(context);
  // 3. guarantees: what each tenant would get alone
  const { guarantees, promised } = await alonePlans(context, problem, options);
  const floors = floorsOf(context);
  goals.floor.set(promised);
  if (!pricedAtOnce(context)) offer(context, fillPlan(instance, goals, floors));
  goals.floor.fill(0);
  await settleGuarantees(context, promised);
  // 4. classes, cost, ties; where nothing is promised, the same floors give the plan in hand again
  const kept = floorsOf(context);
  if (promised.some((p) => p > 0) || kept.some((k, v) => k !== floors[v]))
    offer(context, fillPlan(instance, goals, kept));
  const result = problem.objective === "penalty" ? await runPenalty(context) : await runLexicographic(context);
  // 5. the plan with its certificate and reasons
  remeasure(context, result.classes);
  const a = attainments(instance, context.x);
  const conflicts = [...minimaConflicts(instance, context.x), ...guaranteeConflicts(instance, promised, a)];
  const byName = indexByName(instance);
  for (const g of guarantees) for (const f of g.floors) f.attainment = Math.min(f.attainment, a[byName(f.workload)]!);
  return await writePlan(context, {
    ...result,
    conflicts,
    guarantees,
    status: statusOf(context, conflicts, guarantees),
  });
}

/** Workloads beyond which the heuristic's plan takes longer than it is worth where prices make a plan at once. */
const FILLED_UP_TO = 2000;
/** Time, for each variant, in which prices are sure to come to a plan. */
const PRICED_MS_PER_VARIANT = 0.004;

/** True where one stage of prices decides all, with time for it: the heuristic's plan would only be thrown away. */
function pricedAtOnce({ instance, prices, remainingMs }: ChainContext): boolean {
  return (
    prices !== undefined &&
    instance.problem.objective === "penalty" &&
    instance.workloads.length > FILLED_UP_TO &&
    remainingMs() > PRICED_MS_PER_VARIANT * instance.variants.length
  );
}

/** Replicas that the plan in hand has of the minima. */
function floorsOf(context: ChainContext): Float64Array {
  const { instance, x } = context;
  const floors = new Float64Array(x.length);
  for (let i = 0; i < floors.length; i++) floors[i] = Math.min(instance.variants[i]!.min, x[i]!);
  return floors;
}

/** Takes a plan of the heuristic where it fits and keeps the floors. */
function offer(context: ChainContext, x: Float64Array): void {
  if (fits(context.instance, x) && keeps(context.instance, context.goals, context.keep, x)) context.x = x;
}

/** Index of a workload by name; the names are only gathered where somebody asks. */
function indexByName(instance: Instance): (name: string) => number {
  let index: Map<string, number> | undefined;
  return (name) => {
    index ??= new Map(instance.workloads.map((w, m) => [w.name, m]));
    return index.get(name)!;
  };
}

/** Prices so far beyond what a stage is worth are a direction and no prices: a stage that started from them would go on along it. */
const RUN_AWAY = 1e6;

function hasRunAway({ prices, reached, bound }: Plan["certificate"][number]): boolean {
  const worth = Math.max(1, Math.abs(reached), Math.abs(bound));
  return prices?.some(({ price }) => Math.abs(price) > RUN_AWAY * worth) ?? false;
}

/** Prices of the last stage that had any, and counts, of an earlier round; inside what the variants can use now. */
function startFrom(context: ChainContext, engine: PriceEngine, previous: Plan): void {
  const { variants } = context.instance;
  const counts = new Map(previous.workloads.flatMap((w) => w.variants.map((v) => [v.name, v.replicas] as const)));
  const x = new Float64Array(variants.length);
  for (let v = 0; v < x.length; v++) {
    const { name, min, useful } = variants[v]!;
    x[v] = Math.max(min, Math.min(useful, counts.get(name) ?? 0));
  }
  const last = previous.certificate.findLast((c) => c.prices && c.prices.length > 0 && !hasRunAway(c));
  engine.warmUp(
    (last?.prices ?? []).map(({ row, price }) => [row, price] as const),
    x,
  );
}

async function alonePlans(
  context: ChainContext,
  problem: PlacementProblem,
  options: CertifyOptions,
): Promise<{ guarantees: GuaranteeReport[]; promised: Float64Array }> {
  const promised = new Float64Array(context.instance.workloads.length);
  const byName = indexByName(context.instance);
  const guarantees: GuaranteeReport[] = [];
  for (const tenant of tenantsWithGuarantees(problem)) {
    const alone = aloneProblem(problem, tenant);
    if (!alone) continue;
    const plan = await certify(alone, { ...options, previous: undefined, progress: () => undefined });
    const floors = plan.workloads.map((w) => ({ workload: w.name, attainment: w.attainment }));
    for (const f of floors) {
      const m = byName(f.workload);
      if (context.instance.workloads[m]!.kind !== "idle") promised[m] = f.attainment;
    }
    guarantees.push({ tenant, plan, floors });
  }
  return { guarantees, promised };
}

function statusOf(context: ChainContext, conflicts: Conflict[], guarantees: GuaranteeReport[]): Plan["status"] {
  if (conflicts.length > 0) return "infeasible";
  const open = context.certificate.some(
    (c) => relativeGap(c.reached, c.bound) > 1e-6 && Math.abs(c.reached - c.bound) > 1e-6,
  );
  return open || guarantees.some((g) => g.plan.status === "feasible") ? "feasible" : "optimal";
}
