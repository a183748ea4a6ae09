/** Every metric of the service: its name, unit and labels are what dashboards and alerts rely on. */
export interface MetricDefinition {
  name: string;
  type: "gauge" | "counter" | "histogram";
  labels: readonly string[];
  help: string;
  /** Upper bounds of a histogram, in the unit of its name. */
  buckets?: readonly number[];
}

const VARIANT = ["namespace", "variant", "workload", "pool"] as const;
const WORKLOAD = ["namespace", "workload"] as const;
const WVA = ["variant_name", "namespace", "accelerator_type", "target_name", "target_kind"] as const;
const CALL = ["grpc_service", "grpc_method"] as const;

const gauge = (name: string, labels: readonly string[], help: string): MetricDefinition => ({
  name,
  type: "gauge",
  labels,
  help,
});

/** Read from the last cycle at every scrape. */
export const GAUGES = {
  build: gauge("apportion_build_info", ["version"], "Always 1; the version of the service."),
  leader: gauge("apportion_leader", [], "1 where this replica leads and may act."),
  lastCycle: gauge("apportion_last_cycle_timestamp_seconds", [], "When the last cycle began, epoch seconds."),
  readFaults: gauge("apportion_unread_parts", [], "Parts of the cluster that the last cycle could not read."),
  revision: gauge("apportion_plan_revision", [], "Revision of the last cycle."),
  planTime: gauge("apportion_last_plan_timestamp_seconds", [], "When the last good plan was made, epoch seconds."),
  held: gauge("apportion_held", ["reason"], "1 for the reason why the last good plan is held, else 0."),
  mode: gauge("apportion_policy_mode", ["mode"], "1 for the mode of the policy, else 0."),
  proposed: gauge(
    "apportion_proposed_plan_revision",
    [],
    "Revision of the plan that waits for approval; 0: none does.",
  ),
  gap: gauge("apportion_plan_gap_ratio", [], "Proved gap of the last good plan's objective."),
  cost: gauge("apportion_cost_per_hour", ["replicas"], "Cost per hour of all desired and of all current replicas."),
  overrides: gauge("apportion_overrides", ["type"], "Overrides in force."),
  desired: gauge("apportion_variant_desired_replicas", VARIANT, "Replicas that the variant should have now."),
  current: gauge("apportion_variant_current_replicas", VARIANT, "Replicas that its scale target asks for."),
  ready: gauge("apportion_variant_ready_replicas", VARIANT, "Replicas that serve."),
  starting: gauge("apportion_variant_starting_replicas", VARIANT, "Replicas that start, or whose node is on its way."),
  pending: gauge("apportion_variant_pending_replicas", VARIANT, "Replicas that wait for a node."),
  failing: gauge("apportion_variant_failing_replicas", VARIANT, "Replicas that fail or take too long."),
  capacity: gauge(
    "apportion_variant_capacity_requests_per_second",
    VARIANT,
    "What one ready replica serves in its SLO.",
  ),
  quarantined: gauge("apportion_variant_quarantined", VARIANT, "1 while the variant starts nothing because it failed."),
  condition: gauge(
    "apportion_variant_condition",
    [...VARIANT, "condition"],
    "1 where the condition of the VariantAutoscaling is True, else 0.",
  ),
  attainment: gauge("apportion_workload_attainment_ratio", WORKLOAD, "Share of its demand that the plan serves."),
  demand: gauge("apportion_workload_demand_requests_per_second", WORKLOAD, "Demand that the plan is made for."),
  classLevel: gauge("apportion_class_level", ["priority"], "What the plan reached for the class, by its rule."),
  classBound: gauge("apportion_class_level_bound", ["priority"], "Proved: no plan reaches more for the class."),
  poolUsed: gauge("apportion_pool_used_devices", ["pool"], "Devices that the plan uses."),
  poolFree: gauge("apportion_pool_free_devices", ["pool"], "Devices that the plan leaves free."),
  trustLost: gauge(
    "apportion_pool_trust_lost",
    ["pool", "devices_per_node"],
    "1 while the pool is not trusted with replicas of this size; absent otherwise.",
  ),
  sources: gauge(
    "apportion_report_sources",
    ["kind", "state"],
    "Sources of reports that are fresh, and that are stale.",
  ),
  sourceAge: gauge(
    "apportion_report_source_age_seconds",
    ["kind", "source"],
    "Since the last report of the source; the 100 oldest of each kind.",
  ),
  wvaDesired: gauge(
    "wva_desired_replicas",
    WVA,
    "As apportion_variant_desired_replicas, under the name that WVA gives it.",
  ),
  wvaCurrent: gauge(
    "wva_current_replicas",
    WVA,
    "As apportion_variant_current_replicas, under the name that WVA gives it.",
  ),
  wvaRatio: gauge("wva_desired_ratio", WVA, "Desired by current replicas; the desired ones where there are none."),
} as const satisfies Record<string, MetricDefinition>;

export type GaugeName = keyof typeof GAUGES;

/** Taken down as things happen. */
export const EVENTS = {
  cycles: {
    name: "apportion_cycles_total",
    type: "counter",
    labels: ["outcome"],
    help: "Cycles: planned, held, failed.",
  },
  cycleSeconds: {
    name: "apportion_cycle_duration_seconds",
    type: "histogram",
    labels: ["step"],
    help: "Time of a cycle: read, plan, write, total.",
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  reports: {
    name: "apportion_reports_total",
    type: "counter",
    labels: ["kind", "outcome"],
    help: "Reports by what became of them: applied, duplicate, superseded; full, not_durable, not_leader, failed.",
  },
  calls: {
    name: "apportion_grpc_calls_total",
    type: "counter",
    labels: [...CALL, "grpc_code"],
    help: "gRPC calls that ended.",
  },
  callSeconds: {
    name: "apportion_grpc_call_duration_seconds",
    type: "histogram",
    labels: CALL,
    help: "Time of gRPC calls; of streams until they end.",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
  },
} as const satisfies Record<string, MetricDefinition>;
