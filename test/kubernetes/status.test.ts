import { expect, test } from "vitest";
import { fromChunks, toChunks } from "../../src/adapters/kubernetes/convert/chunks.ts";
import { type RawVariantStatus, variantStatusPatch } from "../../src/adapters/kubernetes/convert/status.ts";
import type { VariantStatus } from "../../src/status/types.ts";

const status: VariantStatus = {
  observedGeneration: 1,
  currentReplicas: 2,
  desiredReplicas: 3,
  readyReplicas: 2,
  startingReplicas: 0,
  pendingReplicas: 0,
  failingReplicas: 0,
  attainment: 0.9999,
  reason: "ShortOfDevices",
  lastPlan: { revision: 5, timeMs: 0, status: "optimal" },
  conditions: [{ type: "Planned", status: "True", reason: "Optimal", message: "" }],
};
/** As the API server keeps it: without what a merge patch sets to null. */
const stored = (patch: RawVariantStatus | undefined) =>
  JSON.parse(JSON.stringify(patch), (_key, value) => (value === null ? undefined : value)) as RawVariantStatus;
const AT = Date.parse("2026-01-01T00:00:00Z");

test("attainment is rounded down, so that 1 means all", () => {
  expect(variantStatusPatch(status, undefined, AT)?.attainment).toBe(0.999);
  expect(variantStatusPatch({ ...status, attainment: 1 }, undefined, AT)?.attainment).toBe(1);
});

test("the same status, or a new plan that says the same, is not written again", () => {
  const first = stored(variantStatusPatch(status, undefined, AT));
  expect(variantStatusPatch(status, first, AT + 60_000)).toBeUndefined();
  const lastPlan = { revision: 6, timeMs: 60_000, status: "optimal" };
  expect(variantStatusPatch({ ...status, lastPlan }, first, AT)).toBeUndefined();
  expect(variantStatusPatch({ ...status, lastPlan, desiredReplicas: undefined }, first, AT)).toMatchObject({
    desiredReplicas: null,
    lastPlan: { revision: 6, time: "1970-01-01T00:01:00Z" },
  });
});

test("a condition's transition time stays while its status does", () => {
  const first = stored(variantStatusPatch(status, undefined, AT));
  const changed = (change: object) =>
    variantStatusPatch({ ...status, conditions: [{ ...status.conditions[0]!, ...change }] }, first, AT + 60_000)
      ?.conditions?.[0]?.lastTransitionTime;
  expect(changed({ reason: "Feasible" })).toBe("2026-01-01T00:00:00Z");
  expect(changed({ status: "False" })).toBe("2026-01-01T00:01:00Z");
});

test("memory larger than one object is cut into pieces, and damage is found", () => {
  const value = Array.from({ length: 120_000 }, (_, index) => Math.sin(index));
  const { chunks, sha256 } = toChunks(value);
  expect(chunks.length).toBeGreaterThan(1);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(1024 * 1024 - 10_000);
  expect(fromChunks(chunks, sha256)).toEqual(value);
  expect(() => fromChunks(chunks.slice(1), sha256)).toThrow(/damaged/);
});
