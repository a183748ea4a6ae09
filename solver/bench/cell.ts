import { text } from "node:stream/consumers";
import type { CellResult, Job } from "./job.ts";
import { measure } from "./measure.ts";

/** One cell in a process of its own: `Job` on standard input, `CellResult` on standard output. */
const job = JSON.parse(await text(process.stdin)) as Job;
let result: CellResult;
try {
  result = { ok: true, outcome: await measure(job) };
} catch (error) {
  result = { ok: false, why: error instanceof Error ? error.message : String(error) };
}
process.stdout.write(JSON.stringify(result), () => process.exit(0));
