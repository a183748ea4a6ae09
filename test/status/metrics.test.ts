import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readDocumentText } from "../../src/adapters/files/document-text.ts";
import { PrometheusTelemetry } from "../../src/adapters/metrics/prometheus.ts";
import { planCycle } from "../../src/app/live/cycle.ts";
import { LiveSolver } from "../../src/app/live/solver.ts";
import { inProcessPlacement } from "../../src/app/placement.ts";
import type { World } from "../../src/snapshot/world/types.ts";
import { EVENTS, GAUGES } from "../../src/status/metric-definitions.ts";
import { type ServiceView, serviceMetrics } from "../../src/status/metrics.ts";
import { variantStatuses } from "../../src/status/variant-status.ts";
import { demand, gold, override, pod, target, variant, world } from "../guard/world.ts";

const EMPTY: ServiceView = {
  version: "1.2.3",
  nowMs: 1_000_000,
  leader: true,
  unreadParts: 0,
  sources: [],
  staleAfterMs: 60_000,
};

/** Two replicas of one variant run, and three are asked for by demand. */
async function view(changes: Partial<World> = {}): Promise<ServiceView> {
  const taken = world({
    classes: [gold()],
    targets: [target("chat", { specReplicas: 2 })],
    variants: [variant("chat", { costPerHour: 7 })],
    demands: [demand("chat", 3)],
    pods: [pod("chat", "chat-0", { node: "n1" }), pod("chat", "chat-1", { node: "n2" })],
    ...changes,
  });
  const solver = new LiveSolver(inProcessPlacement(readDocumentText));
  const outcome = await planCycle(taken, (snapshot) => solver.solve(snapshot, taken.policy.timeLimitMs));
  const plan = outcome.solved === undefined ? {} : { plan: outcome.solved.plan };
  const { deferred } = outcome.order;
  const statuses = variantStatuses({ ...outcome, ...plan, deferred, written: new Map(), refused: new Map() });
  return { ...EMPTY, nowMs: taken.takenAtMs, fleet: { ...outcome, statuses } };
}

/** Samples by metric, as `{label="value"}` to number. */
function values(service: ServiceView): Record<string, Record<string, number>> {
  return Object.fromEntries(
    serviceMetrics(service).map(({ definition, samples }) => [
      definition.name,
      Object.fromEntries(
        samples.map(({ labels, value }) => [
          Object.entries(labels)
            .map(([label, text]) => `${label}=${text}`)
            .join(","),
          value,
        ]),
      ),
    ]),
  );
}

test("a fleet in numbers", async () => {
  const found = values(await view());
  const labels = "namespace=ns,variant=chat,workload=chat,pool=h100";
  expect(found).toMatchObject({
    apportion_leader: { "": 1 },
    apportion_variant_desired_replicas: { [labels]: 3 },
    apportion_variant_current_replicas: { [labels]: 2 },
    apportion_variant_ready_replicas: { [labels]: 2 },
    apportion_variant_quarantined: { [labels]: 0 },
    apportion_workload_attainment_ratio: { "namespace=ns,workload=chat": 1 },
    apportion_workload_demand_requests_per_second: { "namespace=ns,workload=chat": 3 },
    apportion_cost_per_hour: { "replicas=desired": 21, "replicas=current": 14 },
    apportion_pool_used_devices: { "pool=h100": 12 },
    apportion_class_level: { "priority=0": 1 },
    apportion_held: { "reason=InventoryUnknown": 0, "reason=SolverFailed": 0 },
    wva_desired_replicas: expect.any(Object),
  });
  expect(found.apportion_variant_condition?.[`${labels},condition=TargetResolved`]).toBe(1);
  const wva = "variant_name=chat,namespace=ns,accelerator_type=h100,target_name=chat,target_kind=Deployment";
  expect(found.wva_desired_replicas).toEqual({ [wva]: 3 });
  expect(found.wva_current_replicas).toEqual({ [wva]: 2 });
  expect(found.wva_desired_ratio).toEqual({ [wva]: 1.5 });
});

test("held cycles, overrides and lost trust show", async () => {
  const held = values(await view({ inventory: { known: false, reason: "nodes: forbidden", nodes: [] } }));
  expect(held.apportion_held).toMatchObject({ "reason=InventoryUnknown": 1, "reason=ClockJump": 0 });
  expect(held).not.toHaveProperty("apportion_plan_gap_ratio");
  const freeze = override("o1", { type: "freeze" }, { kind: "variant", name: "ns/chat" });
  const frozen = await view({ overrides: [freeze] });
  expect(values(frozen).apportion_overrides).toMatchObject({ "type=freeze": 1, "type=pin": 0 });
  const lost = { lostAtMs: 0, probeAtMs: 1e15, failures: 1, reason: "full", probing: false, scheduled: 0 };
  const { fleet } = frozen;
  if (fleet === undefined) throw new Error("no fleet");
  const memory = { ...fleet.world.memory, trust: { "h100/8": lost } };
  const distrusted = { ...frozen, fleet: { ...fleet, world: { ...fleet.world, memory } } };
  expect(values(distrusted).apportion_pool_trust_lost).toEqual({ "pool=h100,devices_per_node=8": 1 });
});

test("however many sources report, at most a hundred series of each kind: the oldest", () => {
  const sources = Array.from({ length: 500 }, (_, index) => ({
    kind: "demand" as const,
    source: `s${index}`,
    receivedAtMs: EMPTY.nowMs - index * 1000,
  }));
  const found = values({ ...EMPTY, sources });
  expect(found.apportion_report_sources).toMatchObject({
    "kind=demand,state=fresh": 61,
    "kind=demand,state=stale": 439,
  });
  const ages = found.apportion_report_source_age_seconds ?? {};
  expect(Object.keys(ages)).toHaveLength(100);
  expect(ages["kind=demand,source=s499"]).toBe(499);
});

test("the text has what is known and no zero for what is not; counters count", async () => {
  let service = EMPTY;
  const telemetry = new PrometheusTelemetry(() => serviceMetrics(service));
  expect(await telemetry.text()).not.toContain("apportion_plan_revision ");
  service = await view();
  telemetry.callEnded({ service: "a.B", method: "C", code: "OK", seconds: 0.2 });
  telemetry.reportEnded("demand", "duplicate");
  telemetry.cycleEnded({ outcome: "failed", seconds: { total: 3 } });
  const text = await telemetry.text();
  expect(text).toContain("apportion_plan_revision 1");
  expect(text).toContain('apportion_grpc_calls_total{grpc_service="a.B",grpc_method="C",grpc_code="OK"} 1');
  expect(text).toContain('apportion_reports_total{kind="demand",outcome="duplicate"} 1');
  expect(text).toContain('apportion_cycle_duration_seconds_sum{step="total"} 3');
  const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name ?? "");
  expect(names.filter((name) => !/^(apportion|wva)_/.test(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test("docs/metrics.md has every metric, with its type and labels, and no other", () => {
  const text = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` +\| (\w+) +\| ([^|]*)\|/gm)].map(([, name, type, labels]) => ({
    name,
    type,
    labels: [...(labels ?? "").matchAll(/`(\w+)`/g)].map(([, label]) => label),
  }));
  const defined = [...Object.values(GAUGES), ...Object.values(EVENTS)].map(({ name, type, labels }) => ({
    name,
    type,
    labels: [...labels],
  }));
  expect(rows).toEqual(expect.arrayContaining(defined));
  expect(rows).toHaveLength(defined.length);
});
