/**
 * Demand reports at a rate, over many streams, each acknowledged when durable: what acknowledgement takes, and that none is lost.
 *
 *   node bench/ingest.ts [--rate 10000] [--streams 50] [--seconds 60] [--workloads 10]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { credentials } from "@grpc/grpc-js";
import { DemandServiceClient } from "../src/gen/apportion/v1/demand.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "10000" },
    streams: { type: "string", default: "50" },
    seconds: { type: "string", default: "60" },
    workloads: { type: "string", default: "10" },
  },
});
const rate = Number(values.rate);
const streams = Number(values.streams);
const seconds = Number(values.seconds);
const workloads = Number(values.workloads);

const directory = mkdtempSync(join(tmpdir(), "apportion-ingest-"));
const server = spawn(process.execPath, [join(import.meta.dirname, "ingest-server.ts"), directory], {
  stdio: ["pipe", "pipe", "inherit"],
});
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const address = String((await lines.next()).value);

/** Acknowledgement times, ms. */
const latencies: number[] = [];
let sent = 0;
let acknowledged = 0;

/** One controller: reports about each of its workloads in turn, at its share of the rate, in ticks as a timer allows. */
async function controller(index: number): Promise<void> {
  const client = new DemandServiceClient(address, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
  });
  const call = client.exchangeDemand();
  const sentAtMs = new Map<string, number>();
  const done = Promise.withResolvers<void>();
  call.on("data", ({ ack }) => {
    const key = String(ack?.sequence);
    const atMs = sentAtMs.get(key);
    if (atMs === undefined) throw new Error(`an acknowledgement of nothing: ${key}`);
    sentAtMs.delete(key);
    latencies.push(performance.now() - atMs);
    acknowledged += 1;
  });
  call.on("end", () => done.resolve());
  call.on("error", (error) => done.reject(error));
  const startMs = performance.now();
  const total = Math.round((rate * seconds) / streams);
  let sequence = 0;
  while (sequence < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * (rate / streams)));
    while (sequence < due) {
      sequence += 1;
      sentAtMs.set(String(sequence), performance.now());
      sent += 1;
      const workload = `ns-${index}/w-${sequence % workloads}`;
      call.write({
        report: {
          header: { source: `controller-${index}`, sequence: BigInt(sequence), reportedAt: undefined },
          demands: [{ workload, requestsPerSecond: sequence % 97, tokenMix: undefined }],
        },
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  call.end();
  await done.promise;
  if (sentAtMs.size > 0) throw new Error(`${sentAtMs.size} reports were not acknowledged`);
  client.close();
}

const startMs = performance.now();
await Promise.all(Array.from({ length: streams }, (_, index) => controller(index)));
const tookS = (performance.now() - startMs) / 1000;

/** What the service has at the end, asked of it: the last report of every workload. */
const client = new DemandServiceClient(address, credentials.createInsecure());
const list = await new Promise<number>((resolve, reject) =>
  client.listDemand({}, (error, response) => (error ? reject(error) : resolve(response.demands.length))),
);
client.close();
server.stdin.end();
const { cpuMs, rssMiB } = JSON.parse(String((await lines.next()).value)) as { cpuMs: number; rssMiB: number };
rmSync(directory, { recursive: true, force: true });

latencies.sort((a, b) => a - b);
const quantile = (q: number): string => (latencies[Math.floor(q * (latencies.length - 1))] ?? 0).toFixed(1);
const perSecond = Math.round(acknowledged / tookS);
console.log(
  "| streams | reports | acknowledged | a second | p50 | p99 | highest | lost | server CPU | server memory |",
);
console.log(
  "| ------- | ------- | ------------ | -------- | --- | --- | ------- | ---- | ---------- | ------------- |",
);
console.log(
  `| ${streams} | ${sent} | ${acknowledged} | ${perSecond} | ${quantile(0.5)} ms | ${quantile(0.99)} ms | ${quantile(1)} ms | ${sent - acknowledged} | ${(cpuMs / 1000 / tookS).toFixed(2)} cores | ${rssMiB.toFixed(0)} MiB |`,
);
if (list !== streams * workloads)
  throw new Error(`${list} demands are kept where ${streams * workloads} were reported`);
process.exit();
