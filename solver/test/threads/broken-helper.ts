import { parentPort, workerData } from "node:worker_threads";
import { type HelperMessage, serve } from "../../src/lagrange/parallel/crew.ts";

/** A helper that takes its first chunk and then fails: by an exception, or by ending without a word. */
const port = parentPort!;

function fail(): never {
  if (workerData === "dies") process.exit();
  throw new Error("broken on purpose");
}

port.on("message", (message: HelperMessage) => {
  if (message.kind === "serve") serve(message.control, fail);
});
port.postMessage("ready");
