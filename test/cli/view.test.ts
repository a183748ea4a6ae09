import { PassThrough } from "node:stream";
import type { PlacementProblem, Plan } from "@apportion/solver";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Output } from "../../src/cli/context.ts";
import { planView } from "../../src/cli/view/plan-view.ts";
import { progressLine } from "../../src/cli/view/progress-line.ts";
import { renderTable } from "../../src/cli/view/table.ts";
import { decimal, gapText, percent, printable, textWidth, wrap } from "../../src/cli/view/text.ts";

function output(columns: number, isTTY = false): { stream: Output; written: () => string } {
  const stream: Output = Object.assign(new PassThrough(), { columns, isTTY });
  let all = "";
  stream.on("data", (chunk) => {
    all += chunk;
  });
  return { stream, written: () => all };
}

/** A fleet of `count` workloads of which every third is short. */
function fleet(count: number): { problem: PlacementProblem; plan: Plan } {
  const names = Array.from({ length: count }, (_, i) => `workload-${String(i).padStart(4, "0")}`);
  const isShort = (i: number): boolean => i % 3 === 0;
  const problem = { workloads: names.map((name) => ({ name, priority: 0 })) } as PlacementProblem;
  const plan: Plan = {
    apiVersion: "apportion.dev/v1",
    kind: "PlacementPlan",
    status: "feasible",
    objective: { name: "lexicographic", primal: 12.5, bound: 12.4, gap: 0.008 },
    classes: [{ priority: 0, rule: "max-min", level: 0.5, levelBound: 0.6, ladder: [] }],
    workloads: names.map((name, i) => ({
      name,
      attainment: isShort(i) ? 0.5 : 1,
      variants: [{ name: `${name}-h100`, replicas: 2 }],
      ...(isShort(i) && { reason: { code: "PoolFull", sentence: `${name} gets 50 %: h100 is full`, binding: [] } }),
    })),
    pools: [
      {
        name: "h100",
        usedDevices: 8,
        freeDevices: 0,
        rows: [{ size: 1, used: 8, capacity: 8, shadowPrice: 0.25, shadowPriceUnit: "attainment" }],
        fits: "rows",
      },
    ],
    conflicts: [],
    guarantees: [],
    certificate: [],
    engine: "highs",
    elapsedMs: 1234,
  };
  return { problem, plan };
}

test("up to 40 workloads are all shown", () => {
  const { problem, plan } = fleet(40);
  const text = planView(problem, plan, output(100).stream);
  expect(text.match(/^workload-\d+ /gm)).toHaveLength(40);
  expect(text).not.toContain("json has all");
});

test("of more, a page of the short ones, and how many are left out", () => {
  const { problem, plan } = fleet(300);
  const text = planView(problem, plan, output(100).stream);
  expect(text.match(/^workload-\d+ /gm)).toHaveLength(40);
  expect(text).toContain("and 260 more, 60 of them short; --format json has all");
});

test.each([40, 60, 80, 120, 300])("no line is wider than %i columns", (columns) => {
  const { problem, plan } = fleet(12);
  for (const workload of plan.workloads) workload.name = `${workload.name}-${"long".repeat(20)}`;
  for (const line of planView(problem, plan, output(columns).stream).split("\n")) {
    expect(textWidth(line)).toBeLessThanOrEqual(columns);
  }
});

test("a table keeps within its width whatever the cells hold", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string(), fc.string({ unit: "grapheme" }))),
      fc.integer({ min: 30, max: 120 }),
      (rows, width) => {
        const table = renderTable(
          [
            { title: "a", shrinkTo: 8 },
            { title: "b", shrinkTo: 8 },
          ],
          rows,
          width,
        );
        for (const line of table.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(width);
      },
    ),
    { seed: 11, numRuns: 200 },
  );
});

test("the progress line appears on a terminal only, after a while, and is wiped", () => {
  const step = { stage: "class/0/F(0.5)", incumbent: 3, bound: 2, gap: 1 / 3 };
  let now = 0;
  const terminal = output(60, true);
  const line = progressLine(terminal.stream, () => now);
  line.update({ ...step, elapsedMs: 0 });
  now = 200;
  line.update({ ...step, elapsedMs: 200 });
  expect(terminal.written()).toBe("");
  now = 1000;
  line.update({ ...step, elapsedMs: 1000 });
  expect(terminal.written()).toContain("1 s  class/0/F(0.5)  best 3  bound 2  gap 33 %");
  line.clear();
  expect(terminal.written().endsWith("\r\u001b[2K")).toBe(true);

  const pipe = output(60, false);
  now = 0;
  const silent = progressLine(pipe.stream, () => now);
  now = 1000;
  silent.update({ ...step, elapsedMs: 1000 });
  silent.clear();
  expect(pipe.written()).toBe("");
});

test.each([
  [1, "100 %"],
  [1 - 1e-9, "100 %"],
  [0.99999, "99.9 %"],
  [0.90555, "90.5 %"],
  [0.6234, "62.3 %"],
  [0.5, "50 %"],
  [0.0001, "<0.1 %"],
  [0, "0 %"],
])("%d reads as %s", (ratio, text) => expect(percent(ratio)).toBe(text));

test("numbers and gaps for people", () => {
  expect([decimal(12), decimal(12.345), decimal(1e21), decimal(Number.NaN), decimal(-0.001)]).toEqual([
    "12",
    "12.35",
    "1.000e+21",
    "NaN",
    "0",
  ]);
  expect([gapText(0), gapText(0.0123), gapText(1e-7), gapText(Number.POSITIVE_INFINITY)]).toEqual([
    "0 %",
    "1.2 %",
    "<0.0001 %",
    "unknown",
  ]);
});

test("text of the input is made harmless and bounded", () => {
  expect(printable("a\u001b[31mb\u0007\n\u202Ec")).toBe("ab\uFFFD\uFFFD\uFFFDc");
  expect(printable("x".repeat(1e6)).length).toBeLessThan(500);
});

test("wrap keeps every word in order", () => {
  expect(wrap("one two three four", 9)).toEqual(["one two", "three", "four"]);
  expect(wrap("averylongword b", 5)).toEqual(["avery", "longw", "ord b"]);
});
