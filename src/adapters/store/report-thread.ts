import { Worker } from "node:worker_threads";
import type { ReportStore, StoredReport } from "../../ports/store.ts";

export type ReportJob =
  | { name: "load" }
  | { name: "write"; reports: readonly StoredReport[] }
  | { name: "forget"; kind: StoredReport["kind"]; source: string }
  | { name: "close" };

export interface ReportAnswer {
  id: number;
  result: { loaded?: StoredReport[]; error?: string };
}

/** The reports of one SQLite file, read and written in a thread of their own. */
export class ReportThread implements ReportStore {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<ReportAnswer["result"]>>();
  #lastId = 0;
  #failure: Error | undefined;

  /** @param path of the SQLite file */
  constructor(path: string) {
    this.#worker = new Worker(new URL("./report-worker.ts", import.meta.url), { workerData: path });
    // What is being written keeps the process, the thread alone does not.
    this.#worker.unref();
    this.#worker.on("message", ({ id, result }: ReportAnswer) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#worker.unref();
      if (result.error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(result.error));
    });
    this.#worker.on("error", (error: Error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("the thread that writes reports has ended")));
  }

  async load(): Promise<StoredReport[]> {
    return (await this.#ask({ name: "load" })).loaded ?? [];
  }

  async write(reports: readonly StoredReport[]): Promise<void> {
    await this.#ask({ name: "write", reports });
  }

  async forget(kind: StoredReport["kind"], source: string): Promise<void> {
    await this.#ask({ name: "forget", kind, source });
  }

  async close(): Promise<void> {
    if (this.#failure === undefined) await this.#ask({ name: "close" });
    await this.#worker.terminate();
  }

  #ask(job: ReportJob): Promise<ReportAnswer["result"]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const waiting = Promise.withResolvers<ReportAnswer["result"]>();
    this.#lastId += 1;
    this.#waiting.set(this.#lastId, waiting);
    this.#worker.ref();
    this.#worker.postMessage({ ...job, id: this.#lastId });
    return waiting.promise;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
