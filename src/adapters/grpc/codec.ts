import type { PlacementProblem, Plan, SolveOptions, VerifyReport } from "@apportion/solver";
import type { Parsed, Violation } from "../../domain/violation.ts";
import {
  SolveRequest,
  SolveResponse,
  SolveStreamResponse,
  VerifyRequest,
  VerifyResponse,
} from "../../gen/apportion/v1/placement.ts";
import type { Placement } from "../../ports/placement.ts";
import { planToMessage } from "./plan-to-message.ts";
import { readSolveRequest, readVerifyRequest } from "./requests.ts";
import { verifyResponse } from "./verify-response.ts";

/** Work on one large message. `Solve` and `SolveStream` ask with the same message; a plan to be written comes beside the job. */
export type CodecJob =
  | { name: "readSolve"; bytes: Uint8Array }
  | { name: "verify"; bytes: Uint8Array }
  | { name: "writeSolve" }
  | { name: "writeSolveStream" };

/** What came of it, as plain data. */
export type CodecAnswer =
  | { kind: "solve"; problem: PlacementProblem; options: SolveOptions }
  | { kind: "verified"; bytes: Uint8Array; ok: boolean; findings: number }
  | { kind: "written"; bytes: Uint8Array }
  | { kind: "refused"; violations: Violation[] }
  | { kind: "malformed"; message: string };

/** Decodes or encodes a message and does what goes with it. Throws only where something is wrong with this code. */
export function runCodecJob(placement: Placement, job: CodecJob, plan: Plan | undefined): CodecAnswer {
  switch (job.name) {
    case "readSolve":
      return withMessage(job.bytes, SolveRequest, (request) => {
        const read = readSolveRequest(placement, request);
        return read.ok ? { kind: "solve", ...read.value } : { kind: "refused", violations: read.violations };
      });
    case "verify":
      return withMessage(job.bytes, VerifyRequest, (request) =>
        verified(placement, readVerifyRequest(placement, request)),
      );
    case "writeSolve":
      return { kind: "written", bytes: SolveResponse.encode({ plan: planToMessage(plan!) }).finish() };
    case "writeSolveStream": {
      const event = { $case: "plan", value: planToMessage(plan!) } as const;
      return { kind: "written", bytes: SolveStreamResponse.encode({ event }).finish() };
    }
  }
}

function withMessage<Message>(
  bytes: Uint8Array,
  codec: { decode(bytes: Uint8Array): Message },
  work: (message: Message) => CodecAnswer,
): CodecAnswer {
  let message: Message;
  try {
    message = codec.decode(bytes);
  } catch (error) {
    return { kind: "malformed", message: error instanceof Error ? error.message : String(error) };
  }
  return work(message);
}

function verified(placement: Placement, read: Parsed<{ problem: PlacementProblem; plan: Plan }>): CodecAnswer {
  if (!read.ok) return { kind: "refused", violations: read.violations };
  const report: VerifyReport = placement.verify(read.value.problem, read.value.plan);
  const bytes = VerifyResponse.encode(verifyResponse(report)).finish();
  return { kind: "verified", bytes, ok: report.ok, findings: report.findings.length };
}
