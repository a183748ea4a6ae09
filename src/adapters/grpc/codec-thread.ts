import { Worker } from "node:worker_threads";
import { Assembly, type Plan, pieces } from "@apportion/solver";
import type { CodecAnswer, CodecJob } from "./codec.ts";
import type { FromCodec, ToCodec } from "./codec-protocol.ts";

/**
 * Reads, checks and writes large messages in a thread of its own, one after the other, so that the event loop of the service goes on
 * with its work. Started with the first job, and again after one that it did not survive.
 */
export class CodecThread {
  readonly #script: URL;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param script calls `serveCodec` */
  constructor(script: URL) {
    this.#script = script;
  }

  /** @throws Error where the thread failed: a defect, or no memory */
  run(job: CodecJob, plan?: Plan): Promise<CodecAnswer> {
    const result = this.#last.then(() => this.#runNow(job, plan));
    this.#last = result.catch(() => undefined);
    return result;
  }

  stop(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #runNow(job: CodecJob, plan: Plan | undefined): Promise<CodecAnswer> {
    this.#worker ??= new Worker(this.#script);
    const worker = this.#worker;
    // only a running job keeps the process alive
    worker.ref();
    try {
      return await converse(worker, job, plan);
    } catch (error) {
      this.stop();
      throw error;
    } finally {
      worker.unref();
      for (const event of ["message", "messageerror", "error", "exit"]) worker.removeAllListeners(event);
    }
  }
}

function converse(worker: Worker, job: CodecJob, plan: Plan | undefined): Promise<CodecAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<CodecAnswer>();
  const post = (message: ToCodec) => worker.postMessage(message);
  // others first: each piece has a turn of its own
  const later = (action: () => void) => setImmediate(action);
  const given = pieces(plan);
  const received = new Assembly();
  const giveNext = () => {
    const { done, value } = given.next();
    post(done ? { kind: "last" } : { kind: "piece", piece: value });
  };
  worker.on("error", reject);
  worker.on("messageerror", reject);
  worker.on("exit", (code) => reject(new Error(`the codec thread ended with code ${code}`)));
  worker.on("message", (message: FromCodec) => {
    if (message.kind === "next") later(giveNext);
    else if (message.kind === "piece") {
      received.add(message.piece);
      later(() => post({ kind: "next" }));
    } else if (message.kind === "last") resolve(received.take() as CodecAnswer);
    else reject(Object.assign(new Error(message.message), { name: message.name, stack: message.stack }));
  });
  post({ kind: "job", job });
  return promise;
}
