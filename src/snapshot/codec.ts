import type { Parsed } from "../domain/violation.ts";
import { referenceViolations } from "./check-references.ts";
import { fieldHint } from "./field-hints.ts";
import { snapshotSchema } from "./schema.ts";
import type { Snapshot } from "./types.ts";
import { violationsOf } from "./violations.ts";

/**
 * Unknown data (a parsed YAML or JSON file) as a snapshot with every default filled in, or all that is wrong with it. Fields
 * are checked before relations between them: names that dangle are reported once every field can be read.
 */
export function parseSnapshot(value: unknown): Parsed<Snapshot> {
  const parsed = snapshotSchema.safeParse(value);
  if (!parsed.success) return { ok: false, violations: violationsOf(parsed.error, value, fieldHint) };
  const snapshot: Snapshot = parsed.data;
  const violations = referenceViolations(snapshot);
  return violations.length > 0 ? { ok: false, violations } : { ok: true, value: snapshot };
}
