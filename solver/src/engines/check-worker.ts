import { parentPort } from "node:worker_threads";
import type { Plan } from "../plan/types.ts";
import type { PlacementProblem } from "../problem/types.ts";
import { verify } from "../verify/verify.ts";
import { Assembly, type Piece } from "./pieces.ts";

/** Takes pieces of `{ problem, plan }`, then null; answers with the report of the check. */
const received = new Assembly();

parentPort!.on("message", (piece: Piece | null) => {
  if (piece) {
    received.add(piece);
    return;
  }
  const { problem, plan } = received.take() as { problem: PlacementProblem; plan: Plan };
  parentPort!.postMessage(verify(problem, plan));
});
