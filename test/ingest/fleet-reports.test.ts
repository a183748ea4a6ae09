import { expect, it } from "vitest";
import { FleetReports } from "../../src/app/ingest/fleet-reports.ts";
import { Ingest } from "../../src/app/ingest/ingest.ts";
import type { ReportStore } from "../../src/ports/store.ts";
import { EMPTY_MEMORY, type Memory } from "../../src/snapshot/world/memory.ts";

const STORE: ReportStore = { load: async () => [], write: async () => {}, forget: async () => {} };
const ALL = new Set(["ns/chat", "ns/code"]);
const MIX = { inputTokens: 900, outputTokens: 200 };

/** One replica of the service at a time of its clock. */
function replica(nowMs: number) {
  const at = { nowMs };
  const parts = { store: STORE, clock: { nowMs: () => at.nowMs }, limits: { sources: 10, waiting: 100 } };
  const intake = (kind: "demand" | "inventory") => new Ingest({ ...parts, kind, onChange: () => {} });
  const [demand, inventory] = [intake("demand"), intake("inventory")];
  const reports = new FleetReports({ demand, inventory });
  const report = (source: string, sequence: bigint, ratePerSecond: number, subject = "ns/chat") =>
    demand.report({ source, sequence, entries: [{ subject, value: { ratePerSecond, tokenMix: MIX } }] });
  const rates = () => Object.fromEntries(reports.demands().map(({ source, ratePerSecond }) => [source, ratePerSecond]));
  return { at, reports, demand, inventory, report, rates };
}

/** As the store gives it back. */
const stored = (memory: Partial<Memory>): Memory => JSON.parse(JSON.stringify({ ...EMPTY_MEMORY, ...memory }));

it("whoever leads next knows what sources said last, and when", async () => {
  const old = replica(1_000);
  const huge = 2n ** 60n + 1n;
  await old.report("eu", huge, 5);
  await old.report("us", 3n, 7, "ns/unknown");
  const next = replica(9_000);
  await next.reports.adopt(stored({ reports: old.reports.remembered(ALL) }));
  expect(next.reports.demands()).toEqual([
    { workload: "ns/chat", source: "eu", ratePerSecond: 5, tokenMix: MIX, reportedAtMs: 1_000 },
  ]);
  expect((await next.report("eu", huge, 99)).outcome).toBe("duplicate");
  expect((await next.report("eu", huge - 1n, 99)).outcome).toBe("superseded");
  expect((await next.report("eu", huge + 1n, 6)).outcome).toBe("applied");
  expect(next.rates()).toEqual({ eu: 6 });
});

it("what a source has told this process since counts more", async () => {
  const old = replica(1_000);
  await old.report("eu", 1n, 5);
  await old.report("us", 1n, 5);
  const next = replica(2_000);
  await next.report("eu", 2n, 8);
  await next.reports.adopt(stored({ reports: old.reports.remembered(ALL) }));
  expect(next.rates()).toEqual({ eu: 8, us: 5 });
});

it("a source that was forgotten stays so, wherever it is still known, until it reports again", async () => {
  const old = replica(1_000);
  await old.report("retired", 1n, 5);
  await old.report("back", 1n, 5);
  const heard = replica(1_000);
  await heard.report("retired", 1n, 5);
  await heard.inventory.report({ source: "retired", sequence: 1n, entries: [{ subject: "", value: {} }] });
  heard.at.nowMs = 3_000;
  await heard.report("back", 2n, 6);
  const forgotten = [
    { kind: "demand" as const, source: "retired", atMs: 2_000 },
    { kind: "demand" as const, source: "back", atMs: 2_000 },
  ];
  await heard.reports.adopt(stored({ reports: old.reports.remembered(ALL), forgotten }));
  expect(heard.rates()).toEqual({ back: 6 });
  expect(heard.inventory.sources()).toHaveLength(1);
  await heard.reports.adopt(stored({ forgotten: [{ kind: "inventory", source: "retired", atMs: 2_000 }] }));
  expect(heard.inventory.sources()).toEqual([]);
});
