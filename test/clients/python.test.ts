import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startLab } from "../cluster/lab/lab.ts";
import { acceleratorNodes } from "../cluster/lab/objects.ts";
import { addVariant, setUpFleet, untilReplicas } from "../cluster/live/fleet.ts";
import { type LiveService, startService } from "../cluster/live/service.ts";
import { type PythonClient, pythonClient } from "./python-client.ts";

/** Clients that Python's ordinary tools generate from the protos, against a running service. */

interface Answers {
  demand: {
    unary: [string, number, number][];
    stream: number[];
    exchange: [string, number, number][];
    listed: Record<string, number>;
    refused: [string, string[]];
  };
  inventory: { unary: [string, number, number]; stream: number[]; listed: Record<string, number> };
  first: { revisions: number[]; mode: string; desired: Record<string, number> };
  resumed: { revisions: number[] };
}

const [APPLIED, DUPLICATE, SUPERSEDED] = ["APPLIED", "DUPLICATE", "SUPERSEDED"].map(
  (outcome) => `REPORT_OUTCOME_${outcome}`,
);

/** The first time, an environment is made and packages are downloaded. */
const SETUP_TIMEOUT_MS = 600_000;

let client: PythonClient;
let lab: Lab;
let service: LiveService;

beforeAll(async () => {
  client = await pythonClient();
  lab = await startLab({ nodes: acceleratorNodes("h100", 2) });
  await setUpFleet(lab);
  service = await startService(lab.kubeconfig);
}, SETUP_TIMEOUT_MS);

afterAll(async () => {
  await service?.stop();
  await lab?.stop();
  client?.remove();
});

test("a Python client reports demand and inventory, and watches the plan that follows", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat" });
  const answers = (await client.run("report_and_watch.py", service.address, "default/chat", "default/chat")) as Answers;

  const { demand, inventory, first, resumed } = answers;
  expect(demand.unary).toEqual([
    [APPLIED, 1, 1],
    [DUPLICATE, 1, 1],
    [APPLIED, 3, 3],
    [SUPERSEDED, 2, 3],
  ]);
  expect(demand.stream).toEqual([2, 1, 1]);
  expect(demand.exchange).toEqual([
    [APPLIED, 1, 1],
    [APPLIED, 3, 3],
    [SUPERSEDED, 2, 3],
  ]);
  expect(demand.listed).toEqual({ gateway: 10, batch: 1, bridge: 4 });
  expect(demand.refused).toEqual([
    "INVALID_ARGUMENT",
    ["report.demands[0].requestsPerSecond", "report.header.sequence"],
  ]);
  expect(inventory.unary).toEqual([APPLIED, 1, 1]);
  expect(inventory.stream).toEqual([2, 1, 0]);
  expect(inventory.listed).toEqual({ "edge-1": 4 });

  expect(first).toMatchObject({ mode: "MODE_ACT", desired: { "default/chat": 3 } });
  expect(resumed.revisions[0]).toBeGreaterThan(first.revisions.at(-1)!);
  await untilReplicas(lab, [[chat, 3]]);
}, 180_000);
