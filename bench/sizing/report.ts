import { digits, percent, table } from "../../solver/bench/table.ts";
import { quantile } from "../../src/simulation/quantile.ts";
import { ANALYZERS, type Verdict } from "./judge.ts";

const QUANTILES = [0, 0.05, 0.25, 0.5, 0.75, 0.95];
const NAMES = ["lowest", "p5", "p25", "median", "p75", "p95"];
const LABELS: Record<(typeof ANALYZERS)[number], string> = {
  continuous: "continuous (this project)",
  D1: "D1 (means)",
  D2: "D2 (means)",
  D3: "D3 (means)",
};
/** Of the division alone. */
const ROUNDING = 1e-9;

/** A rate of 0 meets nothing: NaN. */
function met(verdict: Verdict): boolean {
  return verdict.missesOverAllowed <= 1 + ROUNDING;
}

function hasRate(verdict: Verdict): boolean {
  return verdict.rateShare > 0;
}

function spread(values: readonly number[], write: (value: number) => string): string[] {
  const column = Float64Array.from(values);
  return QUANTILES.map((p) => write(quantile(column, p)));
}

/** Two tables: what is missed at the rate sized, and how much of what is possible it is. */
export function report(verdicts: readonly Verdict[]): string[] {
  const rows = ANALYZERS.map((analyzer) => ({ analyzer, of: verdicts.filter((one) => one.analyzer === analyzer) }));
  const share = (part: number, of: readonly Verdict[]) => percent(part / of.length);
  return [
    ...table(
      ["misses over allowed", "finds a rate", "meets its percentile", ...NAMES],
      rows.map(({ analyzer, of }) => [
        LABELS[analyzer],
        `${of.filter(hasRate).length} of ${of.length}`,
        share(of.filter(met).length, of.filter(hasRate)),
        ...spread(
          of.filter(hasRate).map((one) => one.missesOverAllowed),
          (value) => (Number.isFinite(value) ? digits(value) : "∞"),
        ),
      ]),
    ),
    "",
    ...table(
      ["rate over highest", "0.85 or more", "and meets", ...NAMES],
      rows.map(({ analyzer, of }) => [
        LABELS[analyzer],
        share(of.filter((one) => one.rateShare >= 0.85).length, of),
        share(of.filter((one) => one.rateShare >= 0.85 && met(one)).length, of),
        ...spread(
          of.map((one) => one.rateShare),
          digits,
        ),
      ]),
    ),
  ];
}
