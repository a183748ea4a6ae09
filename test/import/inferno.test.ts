import { expect, test } from "vitest";
import { importInferno } from "../../src/import/inferno/import.ts";
import { snapshotToProblem } from "../../src/plan/snapshot-to-problem.ts";
import { parseSnapshot } from "../../src/snapshot/codec.ts";
import { INFERNO_FIXTURES, infernoFixture } from "./inferno-fixture.ts";

function imported(value: unknown) {
  const result = importInferno(value);
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  return result.value;
}

test.each(INFERNO_FIXTURES.map((fixture) => [fixture.name, fixture] as const))(
  "%s: the snapshot is a valid file with rule total and weights 1",
  (_name, fixture) => {
    const { snapshot } = imported(fixture);
    const again = parseSnapshot(JSON.parse(JSON.stringify(snapshot)));
    expect(again).toEqual({ ok: true, value: snapshot });
    expect(new Set(snapshot.classes.map((rule) => rule.rule))).toEqual(new Set(["total"]));
    const priorities = new Set(snapshot.workloads.map((workload) => workload.priority));
    expect(new Set(snapshot.classes.map((rule) => rule.priority))).toEqual(priorities);
    expect(new Set(snapshot.workloads.map((workload) => workload.weight))).toEqual(new Set([1]));
    expect(snapshot.workloads).toHaveLength(fixture.input.system.serverData.servers.length);
  },
);

test("the bare file and the wrapped one say the same", () => {
  const fixture = infernoFixture("sample-small-D3-capasis");
  expect(imported(fixture.input)).toEqual(imported(fixture));
});

test("a file with parameters of several dialects is read in the newest, or in the one asked for", () => {
  const { input } = infernoFixture("gen-n10-a4-s11-D3-cap0.9");
  const dialects = (options?: { dialect: "D1" | "D2" }) => {
    const result = importInferno(input, options);
    return result.ok && new Set(result.value.snapshot.workloads.map((entry) => entry.variants[0]?.profile?.dialect));
  };
  expect(dialects()).toEqual(new Set(["D3"]));
  expect(dialects({ dialect: "D1" })).toEqual(new Set(["D1"]));
  expect(dialects({ dialect: "D2" })).toEqual(new Set(["D2"]));
});

test("keepAccelerator leaves the current accelerator; one that does not exist makes the server unservable by name", () => {
  const { snapshot } = imported(infernoFixture("edge-keepacc-D3-capasis"));
  const { problem, unservable } = snapshotToProblem(snapshot);
  const kept = problem.workloads.find((workload) => workload.name === "Premium-m00000-granite_13b");
  expect(kept?.variants.map((variant) => variant.name)).toEqual(["Premium-m00000-granite_13b:A100"]);
  expect(kept?.variants[0]?.currentReplicas).toBe(2);
  expect(unservable.map((entry) => entry.workload)).toEqual(["Free-m00000-granite_13b"]);
  expect(unservable[0]?.reason).toContain("keepAccelerator: the server stays on NOPE");
  expect(problem.workloads.some((workload) => workload.name === "Free-m00000-granite_13b")).toBe(false);
});

test("servers without load ask for their floor alone, on the cheapest accelerator", () => {
  const { snapshot } = imported(infernoFixture("edge-zeroload-D3-capasis"));
  const { problem } = snapshotToProblem(snapshot);
  const idle = problem.workloads.filter((workload) => workload.demandPerSecond === 0);
  expect(idle.map((workload) => workload.name).sort()).toEqual([
    "Bronze-m00000-granite_13b",
    "Premium-m00000-granite_13b",
  ]);
  const floors = idle.flatMap((workload) => workload.variants.filter((variant) => variant.minReplicas !== undefined));
  expect(floors.map((variant) => [variant.name, variant.minReplicas])).toEqual([["Bronze-m00000-granite_13b:L4", 2]]);
});

test("a token rate target replaces the arrival rate, and a note says so", () => {
  const { snapshot, notes } = imported(infernoFixture("edge-tps-D3-capasis"));
  const bronze = snapshot.workloads.find((workload) => workload.name === "Bronze-m00000-granite_13b");
  expect(bronze?.demandPerSecond).toBeCloseTo(2000 / 331, 12);
  expect(notes.filter((note) => note.includes("tokens/s over"))).toHaveLength(7);
});

test("current replicas stay with their accelerator; those on none are in a note", () => {
  const { snapshot, notes } = imported(infernoFixture("edge-transition-D3-capasis"));
  const current = snapshot.workloads.flatMap((workload) =>
    workload.variants.filter((variant) => variant.currentReplicas > 0).map((variant) => variant.name),
  );
  expect(current).toContain("Premium-m00002-granite_34b:MI300X");
  expect(notes.join("\n")).toMatch(/Premium-m00003-llama_7b: its 2 current replicas are on no accelerator/);
});

test("unlimited capacity becomes a finite bag that holds everything", () => {
  const { input } = structuredClone(infernoFixture("sample-small-D3-capasis"));
  const system = input.system as unknown as { optimizerData: { optimizer: { unlimited: boolean } } };
  system.optimizerData.optimizer.unlimited = true;
  const { snapshot } = imported(input);
  for (const pool of snapshot.inventory.pools) expect(Number.isSafeInteger(pool.devices)).toBe(true);
  const { problem } = snapshotToProblem(snapshot);
  for (const workload of problem.workloads) {
    for (const variant of workload.variants) {
      const replicas = Math.ceil(workload.demandPerSecond / (variant.capacityPerSecond ?? 0));
      const bag = problem.pools.find((pool) => pool.name === variant.pool)?.devices ?? 0;
      expect(bag).toBeGreaterThanOrEqual(replicas * variant.devicesPerReplica);
    }
  }
});
