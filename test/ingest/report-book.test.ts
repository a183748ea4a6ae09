import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReportBook } from "../../src/app/ingest/report-book.ts";
import type { StoredReport } from "../../src/ports/store.ts";

function entry(source: string, subject: string, sequence: bigint, value: unknown = sequence.toString()): StoredReport {
  return { kind: "demand", source, subject, sequence, reportedAtMs: 1000, receivedAtMs: 1000, value };
}

describe("a report", () => {
  it.each([
    { name: "the first", before: [], sequence: 1n, outcome: "applied" },
    { name: "a newer one", before: [1n], sequence: 2n, outcome: "applied" },
    { name: "after a gap", before: [1n], sequence: 900n, outcome: "applied" },
    { name: "the same again", before: [1n], sequence: 1n, outcome: "duplicate" },
    { name: "an older one", before: [2n], sequence: 1n, outcome: "superseded" },
  ])("$name is $outcome", ({ before, sequence, outcome }) => {
    const book = new ReportBook();
    for (const earlier of before) book.take([entry("gateway", "ns/chat", earlier)]);
    expect(book.take([entry("gateway", "ns/chat", sequence)]).outcome).toBe(outcome);
  });

  it("that is late still counts for workloads of which nothing newer was said", () => {
    const book = new ReportBook();
    book.take([entry("gateway", "ns/chat", 5n)]);
    const late = book.take([entry("gateway", "ns/chat", 4n), entry("gateway", "ns/code", 4n)]);
    expect(late.outcome).toBe("applied");
    expect(late.changed.map((changed) => changed.subject)).toEqual(["ns/code"]);
    expect(book.sourceState("gateway")?.sequence).toBe(5n);
  });
});

it("reports in any order, any of them twice, leave the same book", () => {
  const report = fc.record({
    source: fc.constantFrom("a", "b"),
    sequence: fc.bigInt({ min: 1n, max: 12n }),
    subjects: fc.uniqueArray(fc.constantFrom("x", "y", "z"), { minLength: 1 }),
  });
  // One sequence of a source is one report, whatever its contents.
  const reports = fc.uniqueArray(report, { selector: (r) => `${r.source}${r.sequence}`, maxLength: 12 });
  fc.assert(
    fc.property(
      reports.chain((all) =>
        fc.record({
          all: fc.constant(all),
          shuffled: fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2, maxLength: all.length * 2 }),
        }),
      ),
      ({ all, shuffled }) => {
        const inOrder = new ReportBook();
        for (const { source, sequence, subjects } of [...all].sort((a, b) => Number(a.sequence - b.sequence))) {
          inOrder.take(subjects.map((subject) => entry(source, subject, sequence)));
        }
        const anyhow = new ReportBook();
        for (const { source, sequence, subjects } of shuffled) {
          anyhow.take(subjects.map((subject) => entry(source, subject, sequence)));
        }
        expect(anyhow.entries()).toEqual(inOrder.entries());
        expect(anyhow.sources()).toEqual(inOrder.sources());
      },
    ),
  );
});
