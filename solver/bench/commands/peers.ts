import { capacityName, penaltyFleet } from "../fleets/instance.ts";
import { type Figures, ours, theirs } from "../peers/figures.ts";
import type { PeerName } from "../peers/trajectories.ts";
import type { References } from "../references.ts";
import type { Run } from "../run-cell.ts";
import type { Section } from "../sections.ts";
import { CAPACITIES, type Settings } from "../settings.ts";
import { percent, ratio, table, time, worst } from "../table.ts";
import { greedyRows } from "./greedy-rows.ts";

const LIMIT_MS = 60_000;
const NATIVE: PeerName[] = ["highs-native-1", "highs-native-2"];

/** The solver beside others on the same problems: gaps over time, and the time to 1 % against HiGHS native. */
export async function peers(s: Settings, run: Run, references: References): Promise<Section> {
  const workloads = s.sizes?.[0] ?? (s.quick ? 30 : 10_000);
  const limitMs = s.limitMs ?? (s.quick ? 1_000 : LIMIT_MS);
  const moments = [1_000, 10_000, limitMs].filter((ms, i, all) => ms <= limitMs && all.indexOf(ms) === i);
  const lines: string[][] = [];
  const whys = new Set<string>();
  const natives: string[] = [];
  const ratios = s.ratios ?? CAPACITIES;
  for (const r of ratios) {
    const instances = s.seeds.map((seed) => penaltyFleet(workloads, r, seed));
    const own = await ours(s, instances, moments, run, references);
    const others: Figures[] = [];
    for (const peer of [...NATIVE, "highs-wasm"] as PeerName[])
      others.push(await theirs(peer, s, instances, limitMs, moments, run, references));
    for (const f of [own, ...others]) {
      if (f.why) whys.add(`${f.title}: ${f.why}.`);
      lines.push([capacityName(r), f.title, ...figuresOf(f, own, moments.length, limitMs)]);
    }
    natives.push(
      others
        .slice(0, NATIVE.length)
        .map((f) => slowerBy(f, own, limitMs))
        .join(" and "),
    );
  }
  const head = ["capacity", "engine", ...moments.map((ms) => `gap at ${time(ms)}`), "to 1 %", "times ours"];
  const greedy = await greedyRows(s, workloads, run);
  const names = ratios.map(capacityName).join(" / ");
  const headline = `Time to 1 % of HiGHS native over ours with 1 and 2 threads, ${names}: ${natives.join(" / ")}. The predecessors' greedy, penalty objective over ours: ${greedy.headline}.`;
  return { name: "peers", headline, lines: [...table(head, lines), ...whys, "", ...greedy.lines] };
}

function figuresOf(f: Figures, own: Figures, moments: number, limitMs: number): string[] {
  const gaps = Array.from({ length: moments }, (_, i) => percent(worst(f.gaps.map((g) => g[i]))));
  const reached = worst(f.toTarget);
  const toTarget = f.why ? "–" : reached === null ? `> ${time(limitMs)}` : time(reached);
  return [...gaps, toTarget, f === own ? "–" : slowerBy(f, own, limitMs)];
}

/** A peer that never got there took at least the limit. */
function slowerBy(f: Figures, own: Figures, limitMs: number): string {
  const [theirs, mine] = [worst(f.toTarget), worst(own.toTarget)];
  if (f.why || mine === null) return "–";
  return theirs === null ? `> ${ratio(limitMs / mine)}` : ratio(theirs / mine);
}
