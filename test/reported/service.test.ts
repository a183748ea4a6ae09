import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { DemandServiceClient } from "../../src/gen/apportion/v1/demand.ts";
import {
  InventoryReport,
  InventoryServiceClient,
  type ListInventoryResponse,
} from "../../src/gen/apportion/v1/inventory.ts";
import type { LivePlan, WatchPlanResponse } from "../../src/gen/apportion/v1/live.ts";
import { PlacementServiceClient } from "../../src/gen/apportion/v1/placement.ts";
import { start, temporaryFile } from "../cli/apportion.ts";
import { promised } from "../grpc/service.ts";
import { FLEET } from "./fleet.ts";

const FILE = () => temporaryFile("fleet.json", JSON.stringify(FLEET));

/** Starts `serve --live`; ends with the test, or earlier. */
async function serve(state: string) {
  const child = start(["serve", FILE(), "--live", "--state", state, "--listen", "127.0.0.1:0", "--http", "off"]);
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
  let output = "";
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      output += chunk;
      const found = /gRPC listens on (\S+);/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    exited.then(() => reject(new Error(`ended early: ${output}`)));
  });
  const channel = credentials.createInsecure();
  const placement = new PlacementServiceClient(address, channel);
  const demand = new DemandServiceClient(address, channel);
  const inventory = new InventoryServiceClient(address, channel);
  const stop = async (): Promise<number | null> => {
    for (const client of [placement, demand, inventory]) client.close();
    child.kill("SIGTERM");
    return exited;
  };
  onTestFinished(async () => void (await stop()));
  return { placement, demand, inventory, stop };
}

type Service = Awaited<ReturnType<typeof serve>>;

/** The first plan under which `chat` should have `replicas`. */
async function planned({ placement }: Service, replicas: number): Promise<LivePlan> {
  const call = placement.watchPlan({ afterRevision: 0n });
  const seen: number[] = [];
  try {
    for await (const { plan } of call as AsyncIterable<WatchPlanResponse>) {
      const desired = plan?.variants.find(({ name }) => name === "chat")?.desired ?? -1;
      seen.push(desired);
      if (plan !== undefined && desired === replicas) return plan;
    }
  } catch (error) {
    throw new Error(`only ${seen.join(", ")} were seen: ${error}`);
  } finally {
    call.cancel();
  }
  throw new Error(`only ${seen.join(", ")} were seen`);
}

function reportNodes({ inventory }: Service, sequence: number, devices: number[], source = "dc-1") {
  const report = InventoryReport.fromPartial({
    header: { source, sequence: BigInt(sequence) },
    nodes: devices.map((freeDevices, i) => ({ name: `${source}-${i}`, pool: "a100", freeDevices })),
    replicas: [{ variant: "chat", ready: 1 }],
  });
  return promised((done) => inventory.reportInventory({ report }, done));
}

test("what sources report is planned, kept over a restart, and gone where they say so", async () => {
  const state = mkdtempSync(join(tmpdir(), "apportion-state-"));
  onTestFinished(() => rmSync(state, { recursive: true, force: true }));
  const first = await serve(state);
  expect(await planned(first, 3)).toMatchObject({ mode: "MODE_RECOMMEND", heldBecause: "" });

  await promised((done) =>
    first.demand.reportDemand(
      {
        report: {
          header: { source: "gateway", sequence: 1n, reportedAt: undefined },
          demands: [{ workload: "assistant", requestsPerSecond: 4, tokenMix: undefined }],
        },
      },
      done,
    ),
  );
  await planned(first, 4);
  await reportNodes(first, 1, [8, 4]);
  const fewer = await planned(first, 3);
  expect(fewer.variants.find(({ name }) => name === "chat")).toMatchObject({ current: 1, ready: 1 });
  expect(fewer.plan?.workloads.find(({ name }) => name === "assistant")?.attainment).toBeCloseTo(0.75);
  expect(await first.stop()).toBe(0);

  const second = await serve(state);
  const again = await planned(second, 3);
  expect(again.revision).toBeGreaterThan(fewer.revision);
  expect(again.plan?.workloads.find(({ name }) => name === "assistant")?.attainment).toBeCloseTo(0.75);
  await reportNodes(second, 2, [4]);
  await planned(second, 1);
  await reportNodes(second, 3, []);
  await planned(second, 0);
}, 60_000);

test("a source of inventory that is gone for good is taken back, and stays so over a restart", async () => {
  const state = mkdtempSync(join(tmpdir(), "apportion-state-"));
  onTestFinished(() => rmSync(state, { recursive: true, force: true }));
  const first = await serve(state);
  await reportNodes(first, 1, [4]);
  await planned(first, 1);
  await reportNodes(first, 1, [8], "dc-2");
  await planned(first, 3);
  const forget = ({ inventory }: Service, source: string) =>
    promised((done) => inventory.forgetInventorySource({ source, reason: "closed", author: "ada" }, done));
  await expect(forget(first, "dc-3")).rejects.toMatchObject({ code: status.NOT_FOUND });
  await forget(first, "dc-2");
  await planned(first, 1);
  expect(await first.stop()).toBe(0);

  const second = await serve(state);
  await planned(second, 1);
  const { sources } = await promised<ListInventoryResponse>((done) => second.inventory.listInventory({}, done));
  expect(sources.map(({ source }) => source)).toEqual(["dc-1"]);
  await reportNodes(second, 1, [4], "dc-2");
  await planned(second, 2);
}, 60_000);
