import { expect, test } from "vitest";
import { importInferno } from "../../src/import/inferno/import.ts";
import { infernoFixture } from "./inferno-fixture.ts";

interface Loose {
  system: {
    acceleratorData: { accelerators: Record<string, unknown>[] };
    capacityData: { count: Record<string, unknown>[] };
    modelData: { models: Record<string, unknown>[] };
    serviceClassData: { serviceClasses: Record<string, unknown>[] };
    serverData: { servers: { [key: string]: unknown; currentAlloc: { load: Record<string, unknown> } }[] };
  };
}

const server0 = (file: Loose) => file.system.serverData.servers[0] ?? { currentAlloc: { load: {} } };

test.each<[string, (file: Loose) => unknown, string, RegExp]>([
  [
    "a class that is not there",
    (f) => Object.assign(server0(f), { class: "Premum" }),
    "system.serverData.servers[0].class",
    /"Premium"/,
  ],
  [
    "a model that is not there",
    (f) => Object.assign(server0(f), { model: "llama_13" }),
    "system.serverData.servers[0].model",
    /llama_13b/,
  ],
  [
    "a class without targets for the model",
    (f) => f.system.serviceClassData.serviceClasses.splice(0, 1, { name: "Premium", priority: 1, modelTargets: [] }),
    "system.serverData.servers[0].class",
    /modelTargets/,
  ],
  [
    "a negative rate",
    (f) => Object.assign(server0(f).currentAlloc.load, { arrivalRate: -1 }),
    "system.serverData.servers[0].currentAlloc.load.arrivalRate",
    /per minute/,
  ],
  [
    "a rate that is a word",
    (f) => Object.assign(server0(f).currentAlloc.load, { arrivalRate: "60" }),
    "system.serverData.servers[0].currentAlloc.load.arrivalRate",
    /per minute/,
  ],
  [
    "an infinite cost",
    (f) =>
      f.system.acceleratorData.accelerators.splice(0, 1, { name: "L4", type: "L4", cost: Number.POSITIVE_INFINITY }),
    "system.acceleratorData.accelerators[0].cost",
    /cents/,
  ],
  [
    "an accelerator of no cards",
    (f) => f.system.acceleratorData.accelerators.splice(0, 1, { name: "L4", type: "L4", cost: 1, multiplicity: 0 }),
    "system.acceleratorData.accelerators[0].multiplicity",
    /1 for one card/,
  ],
  [
    "requests without output tokens",
    (f) => Object.assign(server0(f).currentAlloc, { load: { arrivalRate: 5, avgInTokens: 10 } }),
    "system.serverData.servers[0].currentAlloc.load.avgOutTokens",
    /arrivalRate of 0/,
  ],
  [
    "a server twice",
    (f) => void f.system.serverData.servers.push({ ...server0(f) }),
    "system.serverData.servers[15]",
    /remove one/,
  ],
  [
    "no servers",
    (f) => Object.assign(f.system.serverData, { servers: [] }),
    "system.serverData.servers",
    /list the servers/,
  ],
])("%s is refused with path and fix", (_what, spoil, path, fix) => {
  const file = structuredClone(infernoFixture("sample-small-D3-capasis").input) as unknown as Loose;
  spoil(file);
  const result = importInferno(file);
  if (result.ok) throw new Error("accepted");
  const violation = result.violations.find((entry) => entry.path === path);
  expect(violation, JSON.stringify(result.violations)).toBeDefined();
  expect(violation?.fix).toMatch(fix);
});

test.each([[null], ["text"], [[]], [{}], [{ system: null }], [{ input: {} }], [42]])(
  "%j is refused, not crashed on",
  (value) => {
    expect(importInferno(value).ok).toBe(false);
  },
);

test("a file whose parameters are all 0 says that nothing was measured", () => {
  const file = structuredClone(infernoFixture("sample-small-D3-capasis").input) as unknown as Loose;
  for (const model of file.system.modelData.models) model.perfParms = { alpha: 0, beta: 0, gamma: 0 };
  const result = importInferno(file);
  expect(!result.ok && result.violations[0]?.rule).toContain("perfParms");
});
