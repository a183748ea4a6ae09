import type { Note } from "../domain/reason-codes.ts";
import type { WorldServiceClass, WorldTarget, WorldVariant } from "../snapshot/world/types.ts";

/** A variant that can be planned: where it runs and what a replica of it does. */
export interface PlannableVariant {
  variant: WorldVariant;
  target: WorldTarget;
  serviceClass: WorldServiceClass;
  pool: string;
  capacityPerSecond: number;
  /** Why it is so much: a sentence with its inputs. */
  capacityBasis: string;
  notes: Note[];
}
