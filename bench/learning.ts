/**
 * What is learned from simulated replicas: the error of the iteration time over time, before and after the truth changes, and the
 * capacity that saturation alone tells.
 *
 *   node bench/learning.ts [--intervals 400]
 */
import { parseArgs } from "node:util";
import { learnSaturation } from "./learning/saturation.ts";
import { learnTimes } from "./learning/times.ts";

const { values } = parseArgs({ options: { intervals: { type: "string", default: "400" } } });
const intervals = Number(values.intervals);
const started = process.cpuUsage();

console.log(
  "| interval | version | ITL off by | base | per sequence | per prompt token | per context token | 95 % band |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
for (const row of learnTimes(intervals)) console.log(`| ${row.join(" | ")} |`);
console.log();
console.log("| intervals | highest load seen | capacity learned | simulated | off by | confidence |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const row of learnSaturation()) console.log(`| ${row.join(" | ")} |`);
const { user, system } = process.cpuUsage(started);
console.error(`${((user + system) / 1e6).toFixed(1)} s of CPU`);
