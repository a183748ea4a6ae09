import type { VerifyReport } from "../api.ts";
import type { CertificateEntry, Plan } from "../plan/types.ts";
import { type DualBound, DualBounds, floorsBound } from "./dual.ts";
import { closeTo, type Findings, REPORT_TOLERANCE } from "./findings.ts";
import type { Measured, Stage } from "./stages.ts";
import { sumBetween } from "./weight-sums.ts";

type BoundCheck = VerifyReport["bounds"][number];

/** Splits the prices of an entry into those of rows and of earlier stages; undefined where one of them means nothing. */
function readPrices(measured: Measured, entry: CertificateEntry, earlier: Stage[], findings: Findings) {
  const { rowIndex, rows } = measured.world;
  const byRow = new Float64Array(rows.length);
  const byStage = new Map<Stage, number>();
  const stages = new Map(earlier.map((s) => [s.name, s]));
  let usable = true;
  for (const { row, price } of entry.prices ?? []) {
    const r = rowIndex.get(row);
    const stage = stages.get(row);
    const priceable =
      stage && stage.kind !== "guarantees" && (stage.kind === "floors") === entry.stage.startsWith("floors/");
    if (!(price >= 0 && Number.isFinite(price)))
      findings.add(entry.stage, `the price of ${row} is no multiplier`, ">= 0", price);
    else if (r !== undefined) byRow[r] = byRow[r]! + price;
    else if (priceable) byStage.set(stage, (byStage.get(stage) ?? 0) + price);
    else findings.add(entry.stage, "prices a row that does not bind this stage", "a row or an earlier stage", row);
    usable &&= price >= 0 && Number.isFinite(price) && (r !== undefined || Boolean(priceable));
  }
  return usable ? { byRow, byStage } : undefined;
}

function recompute(
  measured: Measured,
  stage: Stage,
  earlier: Stage[],
  prices: NonNullable<ReturnType<typeof readPrices>>,
  bounds: DualBounds,
): DualBound {
  if (stage.kind === "guarantees") return { value: 0, exact: true };
  if (stage.kind === "floors") return floorsBound(measured, stage, earlier, prices.byRow, prices.byStage);
  const bound = bounds.of(stage, earlier, prices.byRow, prices.byStage);
  return stage.kind === "anything"
    ? { ...bound, value: Math.max(bound.value, hopelessWeight(measured, stage)) }
    : bound;
}

/** Weight of the class whose own bounds allow no attainment at all: at zero in every plan. */
function hopelessWeight(measured: Measured, stage: Stage): number {
  const { world, goals } = measured;
  const hopeless = stage.cls!.members.filter((m) => world.workloads[m]!.kind !== "idle" && goals.cap[m]! <= 0);
  return hopeless.reduce((sum, m) => sum + world.workloads[m]!.weight, 0);
}

/** F is a sum of weights of the class and missing replicas are whole: a proved bound reaches up to the next such value. */
function roundsUpTo(measured: Measured, stage: Stage, proved: number, claimed: number): boolean {
  const from = proved - 1e-9 * Math.max(1, Math.abs(proved));
  const to = claimed - REPORT_TOLERANCE * Math.max(1, Math.abs(claimed));
  if (stage.kind === "floors") return !sumBetween([1], from, to);
  if (stage.kind !== "rung" && stage.kind !== "anything") return false;
  const { world, goals } = measured;
  const weights = stage
    .cls!.members.filter((m) => world.workloads[m]!.kind !== "idle")
    .map((m) => (stage.kind === "rung" ? goals.weight[m]! : world.workloads[m]!.weight));
  return !sumBetween(weights, from, to);
}

/** Checks entries of one plan against their recomputed stages. */
class CertificateCheck {
  private readonly measured: Measured;
  private readonly bounds: DualBounds;
  private readonly stages: Stage[];
  private readonly entries = new Map<string, CertificateEntry>();
  private readonly findings: Findings;
  readonly checks: BoundCheck[] = [];
  /** True where every stage is proved within 1e-6. */
  proved = true;

  constructor(measured: Measured, stages: Stage[], plan: Plan, findings: Findings) {
    this.measured = measured;
    this.bounds = new DualBounds(measured);
    this.stages = stages;
    this.findings = findings;
    const known = new Set(stages.map((s) => s.name));
    for (const e of plan.certificate) {
      if (!known.has(e.stage)) findings.add(e.stage, "is no stage of this plan", "a stage", e.stage);
      if (this.entries.has(e.stage)) findings.add(e.stage, "stands twice in the certificate", 1, 2);
      this.entries.set(e.stage, e);
    }
  }

  run(): void {
    this.stages.forEach((stage, at) => {
      const entry = this.entries.get(stage.name);
      if (entry) this.checkEntry(entry, stage, this.stages.slice(0, at));
      else if (stage.required) this.findings.add(stage.name, "has no entry in the certificate", "an entry", "none");
    });
  }

  private checkEntry(entry: CertificateEntry, stage: Stage, earlier: Stage[]): void {
    const { findings } = this;
    const check: BoundCheck = { stage: entry.stage, method: entry.method, checked: false };
    this.checks.push(check);
    if (!(Math.abs(entry.reached - entry.bound) <= REPORT_TOLERANCE * Math.max(1, Math.abs(entry.reached))))
      this.proved = false;
    if (entry.sense !== stage.sense) findings.add(stage.name, "has the wrong sense", stage.sense, String(entry.sense));
    findings.finite(`${stage.name}/bound`, entry.bound);
    findings.near(`${stage.name}/reached`, "is not what the plan reaches", stage.reached, entry.reached);
    if (stage.sense === "min")
      findings.atMost(`${stage.name}/bound`, "is above what the plan reaches", stage.reached, entry.bound);
    else findings.atLeast(`${stage.name}/bound`, "is below what the plan reaches", stage.reached, entry.bound);
    if (entry.method === "search") return;
    if (entry.method !== "dual" && entry.method !== "trivial") {
      findings.add(stage.name, "has an unknown method", "dual, search or trivial", String(entry.method));
      return;
    }
    const prices = readPrices(
      this.measured,
      entry.method === "dual" ? entry : { ...entry, prices: [] },
      earlier,
      findings,
    );
    if (!prices) return;
    const { value, exact } = recompute(this.measured, stage, earlier, prices, this.bounds);
    check.checked = this.shows(stage, value, entry.bound);
    if (!check.checked && exact && !this.inherited(entry, stage, earlier))
      findings.add(`${stage.name}/bound`, `is better than its ${entry.method} proof`, value, entry.bound);
  }

  /** F never falls from rung to rung: what bounds the rung before bounds this one, however that was shown. */
  private inherited(entry: CertificateEntry, stage: Stage, earlier: Stage[]): boolean {
    const before = earlier[earlier.length - 1];
    if (stage.kind !== "rung" || before?.kind !== "rung" || before.cls !== stage.cls) return false;
    const last = this.entries.get(before.name);
    if (!last || last.bound <= 0 || !(entry.bound <= last.bound || closeTo(entry.bound, last.bound))) return false;
    const own = this.checks[this.checks.length - 1]!;
    own.checked = this.checks.some((c) => c.stage === before.name && c.checked);
    return true;
  }

  private shows(stage: Stage, proved: number, claimed: number): boolean {
    // an empty minimum would prove anything: the plan itself shows that it is not empty
    if (!Number.isFinite(proved)) return false;
    const slack = REPORT_TOLERANCE * Math.max(1, Math.abs(claimed));
    if (stage.sense === "max") return claimed >= proved - slack;
    return claimed <= proved + slack || roundsUpTo(this.measured, stage, proved, claimed);
  }
}

/**
 * The certificate: one entry for each stage that needs a proof, reached values recomputed, `dual` bounds recomputed from their
 * prices, `trivial` ones without any; a bound from a `search` has no witness and is only compared with what the plan reaches.
 */
export function checkCertificate(measured: Measured, stages: Stage[], plan: Plan, findings: Findings) {
  const check = new CertificateCheck(measured, stages, plan, findings);
  check.run();
  return { checks: check.checks, proved: check.proved };
}
