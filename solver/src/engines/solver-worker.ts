import { parentPort } from "node:worker_threads";
import type { PlacementProblem } from "../problem/types.ts";
import { solveHere } from "../solve-here.ts";
import { warmUpHighs } from "./backends.ts";
import { leanProblem } from "./lean.ts";
import { type Outcome, outcomeOfError } from "./outcome.ts";
import { Assembly, pieces } from "./pieces.ts";
import { defaultThreads } from "./price-threads.ts";
import { rehearse } from "./rehearsal.ts";
import { type SolverRequest, type SolverResponse, sharedNowMs } from "./solver-protocol.ts";

/** The solver in a thread of its own: one solve at a time, so that whoever asks for it goes on with its own work. */
type Begin = Extract<SolverRequest, { kind: "begin" }>;

const port = parentPort!;
const post = (response: SolverResponse) => port.postMessage(response);
const problem = new Assembly();
let begin: Begin;
let stopping = new AbortController();
const rehearsal = new AbortController();
let wanted: () => void = () => undefined;

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
  try {
    const plan = await solveHere(
      leanProblem(problem.take() as PlacementProblem),
      {
        ...begin.options,
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

/** Posts one piece for each `next`: a port hands over all that has arrived at once, however long that takes. */
async function answer(): Promise<void> {
  for (const piece of pieces(await outcome())) {
    post({ kind: "piece", piece });
    await new Promise<void>((resolve) => {
      wanted = resolve;
    });
  }
  post({ kind: "last" });
}

port.on("message", (request: SolverRequest) => {
  if (request.kind === "rehearse") void rehearse(rehearsal.signal);
  else if (request.kind === "begin") {
    rehearsal.abort("begin");
    begin = request;
    stopping = new AbortController();
  } else if (request.kind === "piece") {
    problem.add(request.piece);
    post({ kind: "got" });
  } else if (request.kind === "end") void answer();
  else if (request.kind === "stop") stopWhereAsked();
  else wanted();
});

warmUpHighs();
