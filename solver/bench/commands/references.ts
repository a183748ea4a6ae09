import type { EngineName } from "../../src/index.ts";
import { capacityName, type InstanceSpec, idOf, penaltyFleet } from "../fleets/instance.ts";
import { PEER_TITLES, type PeerName, trajectoryOf } from "../peers/trajectories.ts";
import { contradiction, improve, type Reference, type References } from "../references.ts";
import type { Run } from "../run-cell.ts";
import type { Section } from "../sections.ts";
import { CAPACITIES, type Settings } from "../settings.ts";
import { percent, table, worst } from "../table.ts";
import { gapOf } from "../trajectory.ts";

const LIMIT_MS = 300_000;
const PEERS: PeerName[] = ["highs-native-2"];

/** Long runs of this solver and of HiGHS native: the best plan and bound of either are what short runs are held against. */
export async function collectReferences(s: Settings, run: Run, references: References): Promise<Section> {
  const limitMs = s.limitMs ?? (s.quick ? 1_000 : LIMIT_MS);
  const lines: string[][] = [];
  for (const workloads of s.sizes ?? (s.quick ? [30] : [1_000, 10_000]))
    for (const r of s.ratios ?? CAPACITIES) {
      const known: Reference[] = [];
      for (const seed of s.seeds) {
        const instance = penaltyFleet(workloads, r, seed);
        await improveBy([s.engine, ...PEERS], instance, limitMs, s.reuse, run, references);
        const reference = references[idOf(instance)];
        if (reference) known.push(reference);
      }
      const from = (names: string[]) => [...new Set(names)].join("; ");
      lines.push([
        String(workloads),
        capacityName(r),
        percent(worst(known.map(gapOf))),
        from(known.map((k) => k.planFrom)),
        from(known.map((k) => k.boundFrom)),
      ]);
    }
  const head = ["workloads", "capacity", "gap of the best", "best plan from", "best bound from"];
  return { name: "references", lines: table(head, lines) };
}

async function improveBy(
  names: readonly (EngineName | PeerName)[],
  instance: InstanceSpec,
  limitMs: number,
  reuse: boolean,
  run: Run,
  references: References,
): Promise<void> {
  const id = idOf(instance);
  for (const name of names) {
    const made = await trajectoryOf(name, instance, limitMs, run, reuse);
    const last = made.ok ? made.points.at(-1) : undefined;
    const wrong = last ? contradiction(references[id], last) : made.ok ? "no answer" : made.why;
    const title = (PEER_TITLES as Record<string, string>)[name] ?? name;
    if (last && !wrong) improve(references, id, last, `${title}, ${limitMs / 1000} s`);
    else process.stderr.write(`${name} ${id}: ${wrong}\n`);
  }
}
