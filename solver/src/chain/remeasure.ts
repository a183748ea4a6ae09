import { attainments } from "../model/attainment.ts";
import type { CertificateEntry, ClassReport } from "../plan/types.ts";
import type { ChainContext } from "./context.ts";
import { logsOf, totalOf } from "./keep-check.ts";
import { claim, proofBehind, rungName } from "./proofs.ts";
import { boundsAt, rungCounts } from "./rung-counts.ts";

/** How each entry of a certificate measures a plan. */
const measures = new WeakMap<CertificateEntry, (x: Float64Array) => number>();

/** Notes an entry with the value that its stage gives a plan. */
export function certifyStage(context: ChainContext, entry: CertificateEntry, value: (x: Float64Array) => number): void {
  context.certificate.push(entry);
  measures.set(entry, value);
}

/**
 * What the finished plan reaches in every stage: where a stage was cut, a later one may have found a plan that is better in the
 * earlier one too. Its bound still holds, since fewer plans keep more.
 */
export function remeasure(context: ChainContext, classes: ClassReport[]): void {
  const { instance, x } = context;
  const a = attainments(instance, x);
  const reached = new Map<string, number>();
  for (const entry of context.certificate) {
    const value = measures.get(entry)?.(x);
    if (value !== undefined && Number.isFinite(value)) entry.reached = value;
    reached.set(entry.stage, entry.reached);
  }
  const entries = new Map(context.certificate.map((e) => [e.stage, e]));
  const counts = rungCounts(context, x);
  classes.forEach((c, cls) => {
    if (c.ladder.some((r) => proofBehind(entries.get(rungName(instance, cls, r.rung))!))) {
      const bounds = boundsAt(
        context,
        cls,
        c.ladder.map((r) => r.rung),
        counts,
        entries,
      );
      c.ladder.forEach((r, i) => {
        r.bound = bounds[i]!.bound;
        claim(entries.get(rungName(instance, cls, r.rung))!, bounds[i]!);
      });
      c.levelBound = c.ladder.find((r) => r.bound > 1e-6)?.rung ?? 1;
    }
    for (const r of c.ladder) r.reached = reached.get(`class/${c.priority}/F(${r.rung})`) ?? r.reached;
    if (!reached.has(`class/${c.priority}/${c.rule}`)) return;
    if (c.rule === "total") {
      const most = totalOf(instance, cls, new Float64Array(a.length).fill(1));
      if (most > 0) c.level = totalOf(instance, cls, a) / most;
    } else if (c.rule === "proportional") {
      const { zeroWeight, value } = logsOf(instance, cls, a);
      const all = logsOf(instance, cls, new Float64Array(a.length)).zeroWeight;
      c.level = all > zeroWeight ? Math.exp(value / (all - zeroWeight)) : 0;
    }
    c.levelBound = Math.max(c.level, c.levelBound);
  });
}
