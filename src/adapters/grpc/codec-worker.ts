import { parentPort } from "node:worker_threads";
import { Assembly, type Piece, type Plan, pieces } from "@apportion/solver";
import type { Placement } from "../../ports/placement.ts";
import { type CodecJob, runCodecJob } from "./codec.ts";
import type { FromCodec, ToCodec } from "./codec-protocol.ts";

/** The thread's side: answers jobs until the thread is ended. Call it once, in a worker thread. */
export function serveCodec(placement: Placement): void {
  const port = parentPort!;
  const post = (message: FromCodec) => port.postMessage(message);
  const plan = new Assembly();
  let job: CodecJob;
  let answer: Iterator<Piece> = [].values();
  const giveNext = () => {
    const { done, value } = answer.next();
    post(done ? { kind: "last" } : { kind: "piece", piece: value });
  };
  const run = (withPlan: boolean) => {
    try {
      answer = pieces(runCodecJob(placement, job, withPlan ? (plan.take() as Plan) : undefined));
      giveNext();
    } catch (error) {
      const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
      post({ kind: "failed", name, message, stack });
    }
  };
  port.on("message", (message: ToCodec) => {
    if (message.kind === "job") {
      job = message.job;
      if ("bytes" in job) run(false);
      else post({ kind: "next" });
    } else if (message.kind === "piece") {
      plan.add(message.piece);
      post({ kind: "next" });
    } else if (message.kind === "last") run(true);
    else giveNext();
  });
}
