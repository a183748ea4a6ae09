import type { penaltyFleet } from "../fleets/instance.ts";
import { idOf } from "../fleets/instance.ts";
import { improve, type References } from "../references.ts";
import type { Run } from "../run-cell.ts";
import type { Settings } from "../settings.ts";
import { gapAt, timeTo } from "../trajectory.ts";
import { PEER_TITLES, type PeerName, trajectoryOf } from "./trajectories.ts";

const TARGET_GAP = 0.01;

/** Figures of one engine at one capacity: one for each seed. */
export interface Figures {
  title: string;
  gaps: (number | null)[][];
  toTarget: (number | null)[];
  why?: string;
}

type Instances = ReturnType<typeof penaltyFleet>[];

/** A call for each limit, as a caller would make it; the time to 1 % is of a call that asks for 1 %. */
export async function ours(
  s: Settings,
  instances: Instances,
  moments: number[],
  run: Run,
  references: References,
): Promise<Figures> {
  const figures: Figures = { title: `this solver (${s.engine})`, gaps: [], toTarget: [] };
  for (const instance of instances) {
    const job = { what: "solve", instance, engine: s.engine } as const;
    const gaps: (number | null)[] = [];
    for (const limitMs of moments) {
      const result = await run({ ...job, limitMs });
      gaps.push(result.ok ? result.outcome.gap : null);
      if (result.ok) improve(references, idOf(instance), result.outcome, `${s.engine}, ${limitMs / 1000} s`);
      else figures.why = result.why;
    }
    figures.gaps.push(gaps);
    const asked = await run({ ...job, limitMs: moments.at(-1)!, gap: TARGET_GAP });
    const met = asked.ok && asked.outcome.gap !== null && asked.outcome.gap <= TARGET_GAP;
    figures.toTarget.push(met ? asked.outcome.ms : null);
  }
  return figures;
}

export async function theirs(
  peer: PeerName,
  s: Settings,
  instances: Instances,
  limitMs: number,
  moments: number[],
  run: Run,
  references: References,
): Promise<Figures> {
  const figures: Figures = { title: PEER_TITLES[peer], gaps: [], toTarget: [] };
  for (const instance of instances) {
    const made = await trajectoryOf(peer, instance, limitMs, run, s.reuse);
    if (!made.ok) return { ...figures, gaps: [], toTarget: [], why: made.why };
    // an engine that overshoots its limit is judged by what it then had
    figures.gaps.push(moments.map((ms) => gapAt(made.points, ms < limitMs ? ms : Number.POSITIVE_INFINITY)));
    figures.toTarget.push(timeTo(made.points, TARGET_GAP));
    const last = made.points.at(-1);
    if (last) improve(references, idOf(instance), last, `${PEER_TITLES[peer]}, ${limitMs / 1000} s`);
  }
  return figures;
}
