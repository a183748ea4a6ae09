import { expect, test } from "vitest";
import { nodeMessage, readInventoryReport } from "../../src/adapters/grpc/inventory-report.ts";
import { InventoryReport } from "../../src/gen/apportion/v1/inventory.ts";
import type { InventoryValue } from "../../src/ports/ingest.ts";
import { details } from "./service.ts";

const HEADER = { source: "dc-1", sequence: 1n };
const NODE = {
  name: "n1",
  pool: "a100",
  freeDevices: 8,
  notReady: false,
  cordoned: true,
  taints: [{ key: "gpu", value: "", effect: "TAINT_EFFECT_NO_SCHEDULE" as const }],
  holds: [{ variant: "chat", replicas: 2 }],
};

function read(report: Partial<InventoryReport>): InventoryValue {
  const { entries } = readInventoryReport({ ...InventoryReport.fromPartial({ header: HEADER }), ...report }, 0);
  return entries[0]!.value as InventoryValue;
}

test("a node is kept in words, and listed as it was reported", () => {
  const { nodes } = read({ nodes: [NODE] });
  expect(nodes[0]!.taints).toEqual([{ key: "gpu", value: "", effect: "NoSchedule" }]);
  expect(nodes.map(nodeMessage)).toEqual([NODE]);
});

test("what cannot be meant is refused with every place", () => {
  const report = {
    nodes: [{ ...NODE, freeDevices: undefined, taints: [{ key: "gpu", value: "", effect: "UNRECOGNIZED" as const }] }],
    replicas: [{ variant: "chat", ready: 100_001, starting: 0, unschedulable: 0, failing: 0 }],
  };
  try {
    read(report);
    expect.unreachable();
  } catch (error) {
    const { violations } = details(error as Parameters<typeof details>[0]).violations;
    expect(violations.map(({ path }) => path)).toEqual([
      "report.nodes[0].freeDevices",
      "report.nodes[0].taints[0]",
      "report.replicas[0].ready",
    ]);
  }
});
