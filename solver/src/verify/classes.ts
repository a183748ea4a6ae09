import type { ClassReport, Plan } from "../plan/types.ts";
import { closeTo, type Findings } from "./findings.ts";
import { type ClassFacts, levelOf } from "./goals.ts";
import { levelBoundGap } from "./level-bound.ts";
import type { Measured, Stage } from "./stages.ts";
import { logServed, totalServed } from "./values.ts";

/** The level by the rule of the class; under `penalty` always as for max-min. */
function recomputedLevel({ world, goals, attainment }: Measured, cls: ClassFacts): number {
  if (world.problem.objective === "lexicographic" && cls.rule === "total") {
    const { value, most } = totalServed(world, cls, attainment);
    return most > 0 ? value / most : 1;
  }
  if (world.problem.objective === "lexicographic" && cls.rule === "proportional") {
    const { value, weight, zeroWeight } = logServed(world, cls, attainment);
    if (weight > 0) return Math.exp(value / weight);
    return zeroWeight > 0 ? 0 : 1;
  }
  return levelOf(goals, cls, attainment);
}

function checkLadder(
  measured: Measured,
  cls: ClassFacts,
  report: ClassReport,
  stages: Stage[],
  plan: Plan,
  findings: Findings,
): void {
  const subject = `classes[${cls.priority}].ladder`;
  const own = stages.filter((s) => s.cls === cls && s.rung !== undefined);
  const entries = new Map(plan.certificate.map((e) => [e.stage, e]));
  const ladder = new Map(report.ladder.map((r) => [String(r.rung), r]));
  let before = 0;
  for (const { rung } of report.ladder) {
    if (!(rung > before && rung <= 1)) findings.add(subject, "rungs rise inside (0, 1]", `> ${before}`, rung);
    before = rung;
  }
  const demanded = cls.members.some((m) => measured.world.workloads[m]!.kind !== "idle");
  const levelled = cls.rule === "max-min" || cls.rule === "dominant-share";
  if (demanded && levelled && measured.world.problem.objective === "lexicographic" && !closeTo(before, 1))
    findings.add(subject, "ends at rung 1", 1, before);
  if (report.ladder.length > own.length)
    findings.add(subject, "has rungs that the rule does not know", own.length, report.ladder.length);
  for (const stage of own) {
    const rung = ladder.get(String(stage.rung));
    if (!rung) {
      if (stage.required) findings.add(stage.name, "is missing in the ladder", "a rung", "none");
      continue;
    }
    findings.near(`${stage.name}/ladder`, "F is not what the attainments give", stage.reached, rung.reached);
    findings.atMost(`${stage.name}/ladder`, "the bound is above F", stage.reached, rung.bound);
    const entry = entries.get(stage.name);
    if (entry && !closeTo(entry.bound, rung.bound))
      findings.add(`${stage.name}/ladder`, "the bound is not that of the certificate", entry.bound, rung.bound);
  }
}

function checkLevelBound(
  measured: Measured,
  cls: ClassFacts,
  report: ClassReport,
  plan: Plan,
  findings: Findings,
): void {
  const { world, attainment } = measured;
  const subject = `classes[${cls.priority}].levelBound`;
  findings.atLeast(subject, "is below the level", report.level, report.levelBound);
  findings.atMost(subject, "is above 1", 1, report.levelBound);
  if (world.problem.objective === "penalty") {
    findings.near(subject, "is 1 under penalty", 1, report.levelBound);
    return;
  }
  const entry = plan.certificate.find((e) => e.stage === `class/${cls.priority}/${cls.rule}`);
  if (cls.rule === "total") {
    const { most } = totalServed(world, cls, attainment);
    if (entry && most > 0)
      findings.atLeast(
        subject,
        "is not what the certificate proves",
        Math.min(1, entry.bound / most),
        report.levelBound,
      );
    return;
  }
  if (cls.rule === "proportional") {
    const { weight } = logServed(world, cls, attainment);
    if (entry && weight > 0)
      findings.atLeast(
        subject,
        "is not what the certificate proves",
        Math.min(1, Math.exp(entry.bound / weight)),
        report.levelBound,
      );
    return;
  }
  const gap = levelBoundGap(measured, cls, report);
  if (gap !== undefined) findings.add(subject, "is not shown by the ladder", gap, report.levelBound);
}

/** Every class once, by priority: rule, level, ladder and bound. */
export function checkClasses(measured: Measured, stages: Stage[], plan: Plan, findings: Findings): void {
  const reports = new Map<number, ClassReport>();
  for (const c of plan.classes) {
    if (reports.has(c.priority)) findings.add(`classes[${c.priority}]`, "stands twice in the plan", 1, 2);
    reports.set(c.priority, c);
  }
  for (const cls of measured.goals.classes) {
    const report = reports.get(cls.priority);
    const subject = `classes[${cls.priority}]`;
    if (!report) {
      findings.add(subject, "is missing in the plan", 1, 0);
      continue;
    }
    reports.delete(cls.priority);
    if (report.rule !== cls.rule)
      findings.add(`${subject}.rule`, "is not the rule of the class", cls.rule, String(report.rule));
    findings.near(`${subject}.level`, "is not what the attainments give", recomputedLevel(measured, cls), report.level);
    checkLevelBound(measured, cls, report, plan, findings);
    checkLadder(measured, cls, report, stages, plan, findings);
  }
  for (const priority of reports.keys())
    findings.add(`classes[${priority}]`, "has no workloads in the problem", "a class of the problem", priority);
}
