import type { ChainContext } from "./context.ts";
import { type RungCounts, rungCounts, worstOpen } from "./rung-counts.ts";
import { weightOf } from "./sketch-ladder.ts";

/** Share of a class's weight that one of its rungs may have open for the sake of what comes after it. */
const MOST_OPEN = 0.0095;
/** Weight that it may have open in any case. */
const LEAST = 2;

/** True where no class before `upTo` has more open in a plan than it had, or than is near enough. */
export function sparesOthers(context: ChainContext, upTo: number, counts: RungCounts): boolean {
  const { rungs } = context.keep;
  const now = rungCounts(context, context.x);
  for (let cls = 0; cls < upTo; cls++) {
    const own = rungs.filter((r) => r.cls === cls);
    if (own.every((r) => counts(r) <= now(r) + 1e-6)) continue;
    // nobody misses what nobody had to miss
    if (own.some((r) => r.reached <= 1e-6 && counts(r) > 1e-6)) return false;
    if (!own.every((r) => r.hasRoom)) return false;
    const most = Math.max(LEAST, MOST_OPEN * weightOf(context, cls), worstOpen(context, cls, now));
    if (worstOpen(context, cls, counts) > most + 1e-6) return false;
  }
  return true;
}
