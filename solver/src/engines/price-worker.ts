import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import { type HelperMessage, serve } from "../lagrange/parallel/crew.ts";

/** A thread that helps with the prices of one solve after the other. */
const port = parentPort!;

function next(): HelperMessage | undefined {
  return receiveMessageOnPort(port)?.message as HelperMessage | undefined;
}

port.on("message", (message: HelperMessage) => {
  // stages of a solve that ended before they were looked at
  if (message.kind === "serve") serve(message.control, next);
});
