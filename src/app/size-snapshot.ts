import type { PlacementProblem } from "@apportion/solver";
import type { Parsed } from "../domain/violation.ts";
import { type LeftOutVariant, snapshotToProblem, type UnservableWorkload } from "../plan/snapshot-to-problem.ts";
import type { Placement } from "../ports/placement.ts";
import { parseSnapshot } from "../snapshot/codec.ts";

/** The problem that a snapshot poses, and what cannot be in it. */
interface SizedSnapshot {
  /** Absent where no workload can be served inside its SLO. */
  problem?: PlacementProblem;
  leftOut: LeftOutVariant[];
  unservable: UnservableWorkload[];
}

/** A snapshot document: read, its replicas sized, the problem that it poses read as any other. */
export function sizeSnapshot(placement: Placement, value: unknown): Parsed<SizedSnapshot> {
  const snapshot = parseSnapshot(value);
  if (!snapshot.ok) return snapshot;
  const { problem, leftOut, unservable } = snapshotToProblem(snapshot.value);
  if (problem.workloads.length === 0) return { ok: true, value: { leftOut, unservable } };
  const read = placement.readProblem(problem);
  return read.ok ? { ok: true, value: { problem: read.value, leftOut, unservable } } : read;
}
