import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { EngineName } from "../../src/index.ts";
import { capacityName, type InstanceSpec, idOf, penaltyFleet } from "../fleets/instance.ts";
import type { Point } from "../job.ts";
import { PEER_TITLES, type PeerName, trajectoryOf } from "../peers/trajectories.ts";
import { gapOverTime } from "../plot/gap-over-time.ts";
import type { Curve, Panel } from "../plot/panel.ts";
import type { References } from "../references.ts";
import type { Run } from "../run-cell.ts";
import { DOCS, type Section } from "../sections.ts";
import type { Settings } from "../settings.ts";

const LIMIT_MS = 60_000;
const SUBTITLES: Record<string, string> = {
  ample: "twice the devices that full service needs",
  tight: "as many devices as full service needs",
  scarce: "70 % of the devices that full service needs",
};

const GREEDY = "greedy, against the best bound";

/** Colours that people with any colour vision tell apart (Okabe and Ito). */
const PEER_LOOKS: Record<PeerName, Omit<Curve, "name" | "points">> = {
  "highs-native-2": { colour: "#0072b2", width: 2 },
  "highs-native-1": { colour: "#56b4e9", width: 2, dash: "6 4" },
  "highs-wasm": { colour: "#e69f00", width: 2 },
  greedy: { colour: "#555555", width: 2 },
};

/** The gap of every engine over time, on the problems that are hardest to prove. */
export async function plot(s: Settings, run: Run, references: References): Promise<Section> {
  const workloads = s.sizes?.[0] ?? (s.quick ? 30 : 10_000);
  const limitMs = s.limitMs ?? (s.quick ? 1_000 : LIMIT_MS);
  const whys = new Set<string>();
  const panels: Panel[] = [];
  for (const r of s.ratios ?? [1, 0.7]) {
    const instance = penaltyFleet(workloads, r, s.seeds[0]!);
    const curves = await curvesOf(s, instance, limitMs, run, references, whys);
    const name = capacityName(r);
    panels.push({
      title: `Capacity ${name}`,
      subtitle: SUBTITLES[name] ?? `${r} times what full service needs`,
      curves,
    });
  }
  const instances = `${workloads.toLocaleString("en")} workloads`;
  const svg = gapOverTime(`Proved gap over time, ${instances}`, panels, Math.max(1.5, (1.5 * limitMs) / 1000));
  const file = s.write ? join(DOCS, "benchmarks/gap-over-time.svg") : join(tmpdir(), "apportion-gap-over-time.svg");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, svg);
  process.stderr.write(`${file}\n`);
  const picture = `![Proved gap over time of ${instances}, this solver and others](benchmarks/gap-over-time.svg)`;
  return { name: "plot", lines: [picture, ...(whys.size > 0 ? [""] : []), ...whys] };
}

async function curvesOf(
  s: Settings,
  instance: InstanceSpec,
  limitMs: number,
  run: Run,
  references: References,
  whys: Set<string>,
): Promise<Curve[]> {
  const curves: Curve[] = [];
  const names: (EngineName | PeerName)[] = [...(Object.keys(PEER_LOOKS) as PeerName[]), s.engine];
  for (const name of names) {
    const made = await trajectoryOf(name, instance, limitMs, run, s.reuse);
    if (!made.ok) whys.add(`${name}: ${made.why}.`);
    else if (name in PEER_LOOKS) {
      const peer = name as PeerName;
      curves.push({ name: peer === "greedy" ? GREEDY : PEER_TITLES[peer], ...PEER_LOOKS[peer], points: made.points });
    } else curves.push({ name: `this solver (${name})`, colour: "#d55e00", width: 3.5, points: made.points });
  }
  boundGreedy(curves, references[idOf(instance)]?.bound ?? null);
  return curves;
}

/** The greedy proves nothing: its plan is held against the best bound that anybody has. */
function boundGreedy(curves: Curve[], known: number | null): void {
  const greedy = curves.find((c) => c.name === GREEDY);
  if (!greedy) return;
  const bounds = [known, ...curves.flatMap((c) => c.points.map((p) => p.bound))].filter((b) => b !== null);
  const bound = bounds.length === 0 ? null : Math.max(...bounds);
  greedy.points = greedy.points.map((p: Point) => ({ ...p, bound }));
}
