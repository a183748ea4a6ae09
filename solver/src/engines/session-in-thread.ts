import type { Worker } from "node:worker_threads";
import type { ProblemTooLargeError, Progress, VerifyReport } from "../api.ts";
import { EngineError } from "../certify.ts";
import type { Plan } from "../plan/types.ts";
import type { PlacementProblem } from "../problem/types.ts";
import type { ChangeSet } from "../session/changes.ts";
import type { Scenario, WhatIfsOptions } from "../session/session.ts";
import { DEFAULT_LIMIT_MS } from "../solve-here.ts";
import { deadlineNet } from "./deadline-net.ts";
import { nextTurn } from "./next-turn.ts";
import { Outbox } from "./outbox.ts";
import { errorOf } from "./outcome.ts";
import { Assembly } from "./pieces.ts";
import { planFrom } from "./plan-difference.ts";
import { type Answer, FLAG, type SessionCall, type SessionRequest, type SessionResponse } from "./session-protocol.ts";
import { sharedNowMs } from "./solver-protocol.ts";
import { OUT_OF_MEMORY, PIECES_AHEAD } from "./solver-thread.ts";
import type { ThreadRoundOptions, ThreadSession, ThreadWhatIfsOptions } from "./thread-session.ts";

/** What a session may take before a full solve begins: what quick rounds need, and those that were not close enough. */
const QUICK_MS = 10_000;

/** A call that the thread is at. */
interface Waiting extends PromiseWithResolvers<Answer> {
  tell: (progress: Progress) => void;
}

/** A session by its thread. `tooLarge`: what it ends with where that runs out of memory. */
export class SessionInThread implements ThreadSession {
  private readonly worker: Worker;
  private readonly outbox = new Outbox((piece) => this.post({ kind: "piece", piece }), PIECES_AHEAD);
  private readonly received = new Assembly();
  /** That of the last round, which the thread has, too. */
  private last: Plan | undefined;
  /** When the calls made so far are answered. */
  private tail: Promise<unknown> = Promise.resolve();
  private waiting: Waiting | undefined;
  /** Why there will be no more answers. */
  private over: Error | undefined;

  constructor(worker: Worker, tooLarge: ProblemTooLargeError) {
    this.worker = worker;
    const died = (error: Error & { code?: string }) =>
      this.end(error.code === OUT_OF_MEMORY ? tooLarge : new EngineError(`the thread of the session died: ${error}`));
    worker.on("message", (response: SessionResponse) => this.hear(response));
    worker.on("error", died);
    worker.on("messageerror", died);
    worker.on("exit", (code) => this.end(new EngineError(`the thread of the session ended with code ${code}`)));
  }

  async open(problem: PlacementProblem, plan: Plan | undefined): Promise<void> {
    this.keep(plan);
    await this.during(
      () => undefined,
      async (answer) => {
        await nextTurn();
        await Promise.race([answer, this.outbox.send({ problem, plan })]);
        this.post({ kind: "open" });
      },
    );
  }

  async replan(changes: ChangeSet = {}, options: ThreadRoundOptions = {}): Promise<Plan> {
    return (await this.ask("replan", [changes], options)) as Plan;
  }

  async whatIf(changes: ChangeSet, options: ThreadRoundOptions = {}): Promise<Plan> {
    return (await this.ask("whatIf", [changes], options)) as Plan;
  }

  async whatIfs(list: readonly ChangeSet[], options: ThreadWhatIfsOptions = {}): Promise<Scenario[]> {
    return (await this.ask("whatIfs", list, options)) as Scenario[];
  }

  async ready(): Promise<void> {
    await this.ask("ready");
  }

  async check(): Promise<VerifyReport> {
    return (await this.ask("check")) as VerifyReport;
  }

  async close(): Promise<void> {
    this.end(new EngineError("the session is closed"));
    await this.worker.terminate();
  }

  /** With a list of its own: the caller may sort that of its plan. */
  private keep(plan: Plan | undefined): void {
    this.last = plan && { ...plan, workloads: plan.workloads.slice() };
  }

  private post(request: SessionRequest): void {
    this.worker.postMessage(request);
  }

  private end(why: Error): void {
    if (this.over) return;
    this.over = why;
    this.waiting?.reject(why);
    void this.worker.terminate();
  }

  private hear(response: SessionResponse): void {
    if (response.kind === "progress") this.waiting?.tell(response.progress);
    else if (response.kind === "piece") {
      this.received.add(response.piece);
      // others first: the next piece is asked for when they had their turn
      setImmediate(() => this.post({ kind: "next" }));
    } else if (response.kind === "last") this.waiting?.resolve(this.received.take() as Answer);
    else this.outbox.taken();
  }

  /** Whatever is asked of the thread, one after the other. */
  private ask(
    call: SessionCall,
    sets: readonly ChangeSet[] = [],
    options: ThreadWhatIfsOptions = {},
  ): Promise<unknown> {
    const answered = this.tail.then(() => this.asked(call, sets, options));
    this.tail = answered.catch(() => undefined);
    return answered;
  }

  private async asked(call: SessionCall, sets: readonly ChangeSet[], options: ThreadWhatIfsOptions): Promise<unknown> {
    const startedMs = sharedNowMs();
    const { signal, onProgress, nowMs: _, ...crossing } = options as WhatIfsOptions;
    const flag = new SharedArrayBuffer(4);
    const raise = (value: number) => {
      Atomics.store(new Int32Array(flag), 0, value);
      this.post({ kind: "stop" });
    };
    const stop = () => raise(FLAG.stop);
    let thrown: { error: unknown } | undefined;
    const tell = (progress: Progress) => {
      try {
        if (!thrown) onProgress?.(progress);
      } catch (error) {
        thrown = { error };
        raise(FLAG.fail);
      }
    };
    const solves = Math.max(1, sets.length) * (options.cures ? 2 : 1);
    const deadlineMs = startedMs + QUICK_MS + solves * (options.timeLimitMs ?? DEFAULT_LIMIT_MS);
    const net = deadlineNet(deadlineMs, stop, (error) => this.end(new EngineError(error.message)));
    try {
      const answer = await this.during(tell, async (answer) => {
        for (const changes of sets) {
          this.post({ kind: "changes", changes });
          if (sets.length > 1) await nextTurn();
        }
        this.post({ kind: "ask", call, sets: sets.length, options: crossing, flag });
        if (signal?.aborted) stop();
        signal?.addEventListener("abort", stop, { once: true });
        return answer;
      });
      // a call that failed for that reason says it in the thread's words
      if (thrown && answer.kind === "error") throw thrown.error;
      const value = this.valueOf(answer, startedMs);
      // the thread has it, too, even where the caller will not
      if (call === "replan") this.keep(value as Plan);
      if (thrown) throw thrown.error;
      return value;
    } finally {
      net.cancel();
      signal?.removeEventListener("abort", stop);
    }
  }

  /** While something is asked of it, the thread keeps the process alive, and its end is the end of that. */
  private async during<T>(tell: Waiting["tell"], work: (answer: Promise<Answer>) => Promise<T>): Promise<T> {
    if (this.over) throw this.over;
    const waiting: Waiting = { ...Promise.withResolvers<Answer>(), tell };
    // also where nobody waits for it yet
    waiting.promise.catch(() => undefined);
    this.waiting = waiting;
    this.worker.ref();
    try {
      return await work(waiting.promise);
    } finally {
      this.waiting = undefined;
      this.worker.unref();
    }
  }

  private valueOf(answer: Answer, startedMs: number): Plan | Scenario[] | VerifyReport | undefined {
    switch (answer.kind) {
      case "plan": {
        const plan = planFrom(answer.plan, this.last);
        plan.elapsedMs = Math.round((sharedNowMs() - startedMs) * 1000) / 1000;
        return plan;
      }
      case "scenarios":
        return answer.scenarios.map(({ plan, ...scenario }) =>
          plan ? { ...scenario, plan: planFrom(plan, this.last) } : scenario,
        );
      case "report":
        return answer.report;
      case "ready":
        return undefined;
      default:
        throw errorOf(answer);
    }
  }
}
