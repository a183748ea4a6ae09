import type { Instance } from "../model/instance.ts";
import { Usage } from "./usage.ts";

/** As much of the minimum replicas as fits, higher classes first, then by name: where they do not all fit, a start to search from. */
export function fillMinima(instance: Instance): Float64Array {
  const usage = new Usage(instance);
  for (const cls of instance.classes)
    for (const m of cls.members)
      for (const v of instance.workloads[m]!.variants) {
        let left = Math.min(instance.variants[v]!.min, usage.room(v));
        // packings may refuse what rows hold: then by halves
        for (let step = left; left > 0 && step >= 1; step = Math.min(left, step)) {
          if (usage.tryAdd([[v, step]])) left -= step;
          else step = Math.floor(step / 2);
        }
      }
  return usage.x;
}
