import { parentPort } from "node:worker_threads";
import { solveHere } from "../solve-here.ts";
import { warmUpHighs } from "./backends.ts";
import { leanProblem } from "./lean.ts";
import { Outbox } from "./outbox.ts";
import { type Outcome, outcomeOfError } from "./outcome.ts";
import { Assembly } from "./pieces.ts";
import { defaultThreads } from "./price-threads.ts";
import { rehearse } from "./rehearsal.ts";
import { type Asked, type SolverRequest, type SolverResponse, sharedNowMs } from "./solver-protocol.ts";

/** The solver in a thread of its own: one solve at a time, so that whoever asks for it goes on with its own work. */
type Begin = Extract<SolverRequest, { kind: "begin" }>;

const port = parentPort!;
const post = (response: SolverResponse) => port.postMessage(response);
const received = new Assembly();
let begin: Begin;
let stopping = new AbortController();
const rehearsal = new AbortController();
/** One piece for each `next`: a port hands over all that has arrived at once, however long that takes. */
const outbox = new Outbox((piece) => post({ kind: "piece", piece }), 1);

/** The clock is read all through a solve: a thread that is too busy for messages sees the flag there. */
function nowMs(): number {
  stopWhereAsked();
  return sharedNowMs();
}

function stopWhereAsked(): void {
  // a reason of its own: the default is an Error, and the stack of that would hold on to everything that is being worked on
  if (Atomics.load(new Int32Array(begin.stop), 0) !== 0 && !stopping.signal.aborted) stopping.abort("stop");
}

async function outcome(): Promise<Outcome> {
  const { problem, previous } = received.take() as Asked;
  try {
    const plan = await solveHere(
      leanProblem(problem),
      {
        ...begin.options,
        ...(previous && { previous }),
        threads: begin.options.threads ?? defaultThreads(),
        signal: stopping.signal,
        nowMs,
        onProgress: (progress) => post({ kind: "progress", progress }),
      },
      begin.startedMs,
    );
    return { kind: "plan", plan };
  } catch (error) {
    return outcomeOfError(error);
  }
}

async function answer(): Promise<void> {
  await outbox.send(await outcome());
  post({ kind: "last" });
}

port.on("message", (request: SolverRequest) => {
  if (request.kind === "rehearse") void rehearse(rehearsal.signal);
  else if (request.kind === "begin") {
    rehearsal.abort("begin");
    begin = request;
    stopping = new AbortController();
  } else if (request.kind === "piece") {
    received.add(request.piece);
    post({ kind: "got" });
  } else if (request.kind === "end") void answer();
  else if (request.kind === "stop") stopWhereAsked();
  else outbox.taken();
});

warmUpHighs();
