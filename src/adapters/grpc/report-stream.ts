import type { Readable } from "node:stream";
import type { ReportCounts } from "../../gen/apportion/v1/report.ts";
import type { Ack, Outcome, Report, ReportIntake } from "../../ports/ingest.ts";

/** Reports of one stream that may wait to become durable; beyond that the stream is not read, so that its sender waits. */
const MAX_UNACKNOWLEDGED = 256;

const COUNTED = { applied: "applied", duplicate: "duplicates", superseded: "superseded" } as const satisfies Record<
  Outcome,
  keyof ReportCounts
>;

/**
 * Takes every message of a stream in, as fast as the intake makes them durable. Where one is bad the stream ends with its
 * error, once all that came before it is acknowledged.
 *
 * @param onAck called for each, in the order of the messages
 */
export async function takeStream<Message>(
  messages: Readable,
  intake: ReportIntake,
  read: (message: Message) => Report,
  onAck: (ack: Ack) => void,
): Promise<ReportCounts> {
  const counts: ReportCounts = { applied: 0n, duplicates: 0n, superseded: 0n };
  const waiting: Promise<Ack>[] = [];
  const acknowledge = async (keep: number): Promise<void> => {
    while (waiting.length > keep) {
      const ack = await waiting[0];
      waiting.shift();
      if (ack === undefined) return;
      counts[COUNTED[ack.outcome]] += 1n;
      onAck(ack);
    }
  };
  let acknowledging: Promise<void> | undefined;
  let failure: unknown;
  const acknowledgeSoon = (): void => {
    acknowledging ??= acknowledge(0)
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        acknowledging = undefined;
      });
  };
  try {
    // Left open at the end: the answer, or the error, still has to go out on it.
    for await (const message of messages.iterator({ destroyOnReturn: false })) {
      if (failure !== undefined) break;
      const taken = intake.report(read(message as Message));
      taken.catch(() => undefined);
      waiting.push(taken);
      acknowledgeSoon();
      if (waiting.length >= MAX_UNACKNOWLEDGED) await acknowledging;
    }
  } finally {
    while (waiting.length > 0 && failure === undefined) {
      acknowledgeSoon();
      await acknowledging;
    }
  }
  if (failure !== undefined) throw failure;
  return counts;
}
