import { parentPort } from "node:worker_threads";
import type { SolveOptions } from "../api.ts";
import type { Plan } from "../plan/types.ts";
import type { PlacementProblem } from "../problem/types.ts";
import type { ChangeSet } from "../session/changes.ts";
import { PlacementSession, type Scenario } from "../session/session.ts";
import { solve } from "../solve.ts";
import { warmUpHighs } from "./backends.ts";
import { leanProblem } from "./lean.ts";
import { Outbox } from "./outbox.ts";
import { outcomeOfError } from "./outcome.ts";
import { Assembly } from "./pieces.ts";
import { differenceOf } from "./plan-difference.ts";
import { defaultThreads } from "./price-threads.ts";
import { type Answer, FLAG, type SentScenario, type SessionRequest, type SessionResponse } from "./session-protocol.ts";
import { sharedNowMs } from "./solver-protocol.ts";

/** A session in a thread of its own: one call at a time. */
type Ask = Extract<SessionRequest, { kind: "ask" }>;

const port = parentPort!;
const post = (response: SessionResponse) => port.postMessage(response);
const received = new Assembly();
const outbox = new Outbox((piece) => post({ kind: "piece", piece }), 1);
let session: PlacementSession;
/** That of the last round, which the caller has, too. */
let last: Plan | undefined;
let sets: ChangeSet[] = [];
let asked: Ask;
let stopping = new AbortController();

function flag(): number {
  return Atomics.load(new Int32Array(asked.flag), 0);
}

function stopWhereAsked(): void {
  // a reason of its own: the stack of the default one would hold on to everything that is being worked on
  if (flag() !== 0 && !stopping.signal.aborted) stopping.abort("stop");
}

/** The clock is read all through a solve: a thread that is too busy for messages sees the flag there. */
function nowMs(): number {
  stopWhereAsked();
  return sharedNowMs();
}

/** A full round, in this thread: a clock is given. */
async function solver(problem: PlacementProblem, options: SolveOptions = {}): Promise<Plan> {
  const plan = await solve(problem, {
    ...options,
    threads: options.threads ?? defaultThreads(),
    signal: stopping.signal,
    nowMs,
    onProgress: (progress) => post({ kind: "progress", progress }),
  });
  // the caller knows the error that it failed with
  if (flag() === FLAG.fail) throw new Error("the caller's onProgress failed");
  return plan;
}

function sent({ plan, ...scenario }: Scenario): SentScenario {
  return plan ? { ...scenario, plan: differenceOf(plan, last) } : scenario;
}

async function answerOf({ call, options }: Ask, changes: ChangeSet[]): Promise<Answer> {
  switch (call) {
    case "replan": {
      const plan = await session.replan(changes[0], options);
      const answer: Answer = { kind: "plan", plan: differenceOf(plan, last) };
      last = plan;
      return answer;
    }
    case "whatIf":
      return { kind: "plan", plan: differenceOf(await session.whatIf(changes[0]!, options), last) };
    case "whatIfs":
      return { kind: "scenarios", scenarios: (await session.whatIfs(changes, options)).map(sent) };
    case "check":
      return { kind: "report", report: await session.check() };
    case "ready":
      await session.ready();
      return { kind: "ready" };
  }
}

async function answer(ask: Ask): Promise<void> {
  // those before are of a call that could not be asked
  const changes = sets.slice(sets.length - ask.sets);
  sets = [];
  asked = ask;
  stopping = new AbortController();
  await outbox.send(await answerOf(ask, changes).catch(outcomeOfError));
  post({ kind: "last" });
}

function open(): void {
  const { problem, plan } = received.take() as { problem: PlacementProblem; plan: Plan | undefined };
  session = new PlacementSession(leanProblem(problem), plan, solver);
  last = plan;
}

port.on("message", (request: SessionRequest) => {
  if (request.kind === "piece") {
    received.add(request.piece);
    post({ kind: "got" });
  } else if (request.kind === "open") open();
  else if (request.kind === "changes") sets.push(request.changes);
  else if (request.kind === "ask") void answer(request);
  else if (request.kind === "stop") stopWhereAsked();
  else outbox.taken();
});

warmUpHighs();
