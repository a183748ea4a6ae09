import type { Plan } from "@apportion/solver";
import { status } from "@grpc/grpc-js";
import type {
  SolveRequest,
  SolveResponse,
  SolveStreamResponse,
  VerifyRequest,
  VerifyResponse,
} from "../../gen/apportion/v1/placement.ts";
import type { Placement } from "../../ports/placement.ts";
import { CallError, invalidArgument } from "./call-error.ts";
import type { CodecAnswer, CodecJob } from "./codec.ts";
import type { CodecThread } from "./codec-thread.ts";
import { LARGE_PLAN_WORKLOADS } from "./limits.ts";
import { planToMessage } from "./plan-to-message.ts";
import { readSolveRequest, readVerifyRequest, type SolveInput } from "./requests.ts";
import type { OrBytes } from "./service-definition.ts";
import { verifyResponse } from "./verify-response.ts";

/** Reads requests and writes answers: small ones here, large ones in the codec thread. */
export class Messages {
  readonly #placement: Placement;
  readonly #thread: CodecThread;

  constructor(placement: Placement, thread: CodecThread) {
    this.#placement = placement;
    this.#thread = thread;
  }

  /** @throws CallError INVALID_ARGUMENT, INTERNAL */
  async readSolve(request: OrBytes<SolveRequest>): Promise<SolveInput> {
    if (Buffer.isBuffer(request)) return this.#ask({ name: "readSolve", bytes: request }, "solve");
    const read = readSolveRequest(this.#placement, request);
    if (!read.ok) throw invalidArgument(read.violations);
    return read.value;
  }

  /** The response, and what the log says of it. @throws CallError INVALID_ARGUMENT, INTERNAL */
  async verify(
    request: OrBytes<VerifyRequest>,
  ): Promise<{ response: OrBytes<VerifyResponse>; ok: boolean; findings: number }> {
    if (Buffer.isBuffer(request)) {
      const { bytes, ok, findings } = await this.#ask({ name: "verify", bytes: request }, "verified");
      return { response: Buffer.from(bytes), ok, findings };
    }
    const read = readVerifyRequest(this.#placement, request);
    if (!read.ok) throw invalidArgument(read.violations);
    const report = this.#placement.verify(read.value.problem, read.value.plan);
    return { response: verifyResponse(report), ok: report.ok, findings: report.findings.length };
  }

  async solved(plan: Plan): Promise<OrBytes<SolveResponse>> {
    if (plan.workloads.length > LARGE_PLAN_WORKLOADS) return this.#written("writeSolve", plan);
    return { plan: planToMessage(plan) };
  }

  async streamed(plan: Plan): Promise<OrBytes<SolveStreamResponse>> {
    if (plan.workloads.length > LARGE_PLAN_WORKLOADS) return this.#written("writeSolveStream", plan);
    return { event: { $case: "plan", value: planToMessage(plan) } };
  }

  async #written(name: "writeSolve" | "writeSolveStream", plan: Plan): Promise<Buffer> {
    const { bytes } = await this.#ask({ name }, "written", plan);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  async #ask<Kind extends CodecAnswer["kind"]>(
    job: CodecJob,
    kind: Kind,
    plan?: Plan,
  ): Promise<Extract<CodecAnswer, { kind: Kind }>> {
    const answer = await this.#thread.run(job, plan);
    if (answer.kind === "refused") throw invalidArgument(answer.violations);
    if (answer.kind === "malformed")
      throw new CallError(status.INTERNAL, `Error deserializing request: ${answer.message}`);
    if (answer.kind !== kind) throw new Error(`the codec thread answered ${answer.kind} to ${job.name}`);
    return answer as Extract<CodecAnswer, { kind: Kind }>;
  }
}
