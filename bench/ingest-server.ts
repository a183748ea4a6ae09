/** The ingest path alone, for `bench/ingest.ts`: gRPC, intake, SQLite on a real disk. Prints its address, ends with its standard input. */
import { join } from "node:path";
import { startGrpcServer } from "../src/adapters/grpc/server.ts";
import { ReportThread } from "../src/adapters/store/report-thread.ts";
import { Ingest } from "../src/app/ingest/ingest.ts";
import { inProcessPlacement } from "../src/app/placement.ts";
import { CODEC_SCRIPT } from "../src/bin/codec-script.ts";
import type { Live } from "../src/ports/live.ts";

const directory = process.argv[2] ?? ".";
const reports = new ReportThread(join(directory, "reports.sqlite"));
const intake = (kind: "demand" | "inventory"): Ingest =>
  new Ingest({
    kind,
    store: reports,
    clock: { nowMs: () => Date.now() },
    limits: { sources: 1000, waiting: 200_000 },
    onChange: () => undefined,
  });
/** No fleet runs here: nothing of it is asked. */
const live = {} as Live;
const quiet = { info: () => undefined, warn: () => undefined, error: console.error };
const server = await startGrpcServer(
  inProcessPlacement(() => ({ ok: true, value: undefined })),
  quiet,
  {
    listen: "127.0.0.1:0",
    insecureListen: false,
    maxSolves: 1,
    maxQueued: 1,
    codecScript: CODEC_SCRIPT,
    fleet: { live, demand: intake("demand"), inventory: intake("inventory"), staleAfterMs: () => 60_000 },
  },
);
process.stdout.write(`${server.address}\n`);
process.stdin.resume();
process.stdin.on("end", async () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(
    `${JSON.stringify({ cpuMs: (user + system) / 1000, rssMiB: process.memoryUsage().rss / 2 ** 20 })}\n`,
  );
  await server.stop();
  await reports.close();
  process.exit();
});
