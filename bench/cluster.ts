/**
 * The live service over a real control plane: what a cycle takes, and what of memory, at rest and when demand moves.
 *
 *   node bench/cluster.ts [--nodes 500] [--variants 300] [--pods 2000]
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { resourcePath } from "../test/cluster/adapter-fixtures.ts";
import { waitFor } from "../test/cluster/lab/cluster.ts";
import { startLab } from "../test/cluster/lab/lab.ts";
import { acceleratorNodes } from "../test/cluster/lab/objects.ts";
import { addVariant, setUpFleet } from "../test/cluster/live/fleet.ts";
import { type LogLine, startService } from "../test/cluster/live/service.ts";

const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "500" },
    variants: { type: "string", default: "300" },
    pods: { type: "string", default: "2000" },
  },
});
const [nodes, variants, pods] = [Number(values.nodes), Number(values.variants), Number(values.pods)];
const WAIT_MS = 10 * 60_000;
/** Of one replica, as `addVariant` has it. */
const PER_REPLICA = 5;
const AT_REST = 8;
const MOVED = 30;
/** As the image starts it (`deploy/Dockerfile`). */
const NODE_FLAGS = ["--max-semi-space-size=8", "--heap-growing-percent=50"];
/** Whoever asks more often is part of what is measured: a status has all variants in it. */
const ASK_EVERY_MS = 1_000;
/** Variants that are made at a time. */
const AT_A_TIME = 10;

const say = (text: string): void => void process.stderr.write(`${new Date().toISOString()} ${text}\n`);

const lab = await startLab({ nodes: acceleratorNodes("h100", nodes), readyDelayMs: 500 });
try {
  await setUpFleet(lab, { timeLimitSeconds: 1 });
  const replicasOf = (index: number): number =>
    Math.floor((pods * (index + 1)) / variants) - Math.floor((pods * index) / variants);
  const add = (index: number) =>
    addVariant(lab, `v-${index}`, {
      workload: `w-${index}`,
      gpus: 1 + (index % 2),
      spec: { demandPerSecond: PER_REPLICA * replicasOf(index) },
    });
  for (let first = 0; first < variants; first += AT_A_TIME) {
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, variants - first) }, (_, k) => add(first + k)));
  }
  say(`${nodes} nodes, ${variants} variants`);
  const service = await startService(lab.kubeconfig, { interval: "2s", nodeFlags: NODE_FLAGS });
  const cycles = (): LogLine[] => service.log().filter((line) => line.msg === "cycle" && line.leads === true);
  const ready = async (): Promise<boolean> => {
    const status = await service.status().catch(() => undefined);
    const sum = status?.plan?.variants.reduce((total, variant) => total + variant.ready, 0) ?? 0;
    say(`${sum} ready`);
    await sleep(ASK_EVERY_MS);
    return sum >= pods;
  };
  await waitFor(`${pods} ready pods`, ready, WAIT_MS);
  const growing = cycles().length;
  await waitFor("cycles at rest", () => Promise.resolve(cycles().length >= growing + AT_REST), WAIT_MS);
  const before = cycles().length;
  await Promise.all(
    Array.from({ length: Math.min(MOVED, variants) }, (_, index) =>
      lab.api.patch(resourcePath("VariantAutoscaling", `v-${index}`), {
        spec: { demandPerSecond: PER_REPLICA * (replicasOf(index) + 2) },
      }),
    ),
  );
  await waitFor(
    "the change",
    () =>
      Promise.resolve(
        cycles()
          .slice(before)
          .some((line) => Number(line.written) > 0),
      ),
    WAIT_MS,
  );
  const all = cycles();
  const pid = Number(all[0]?.pid);
  const memory = readFileSync(`/proc/${pid}/status`, "utf8");
  const mebibytes = (field: string): string =>
    (Number(new RegExp(`${field}:\\s+(\\d+)`).exec(memory)?.[1]) / 1024).toFixed(0);
  const rows: [string, LogLine[]][] = [
    ["0 to all pods", all.slice(0, growing)],
    ["at rest", all.slice(growing + 1, before)],
    [`${MOVED} demands moved`, all.slice(before)],
  ];
  console.log(
    `${nodes} nodes, ${variants} variants, ${pods} pods; memory of the service ${mebibytes("VmRSS")} MiB, at its peak ${mebibytes("VmHWM")} MiB, of which ${mebibytes("RssFile")} MiB are files of programs`,
  );
  console.log("");
  console.log("| cycles | number | read | plan | write | whole, median | whole, longest |");
  console.log("| ------ | ------ | ---- | ---- | ----- | ------------- | -------------- |");
  for (const [name, lines] of rows) {
    const median = (numbers: number[]): number =>
      [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
    const of = (field: string): number[] => lines.map((line) => Number(line[field]));
    const whole = lines.map((line) => Number(line.readMs) + Number(line.planMs) + Number(line.writeMs));
    const parts = ["readMs", "planMs", "writeMs"].map((field) => `${median(of(field))} ms`);
    console.log(
      `| ${name} | ${lines.length} | ${parts.join(" | ")} | ${median(whole)} ms | ${Math.max(0, ...whole)} ms |`,
    );
  }
  await service.stop();
} finally {
  await lab.stop();
}
process.exit();
