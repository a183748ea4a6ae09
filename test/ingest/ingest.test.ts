import { describe, expect, it } from "vitest";
import { Ingest } from "../../src/app/ingest/ingest.ts";
import type { ReportStore, StoredReport } from "../../src/ports/store.ts";

/** A disk that answers when it is told to. */
class SlowDisk implements ReportStore {
  readonly written: StoredReport[][] = [];
  readonly waiting: PromiseWithResolvers<void>[] = [];

  load(): Promise<StoredReport[]> {
    return Promise.resolve([]);
  }

  async write(reports: readonly StoredReport[]): Promise<void> {
    const gate = Promise.withResolvers<void>();
    this.waiting.push(gate);
    await gate.promise;
    this.written.push([...reports]);
  }

  readonly forgotten: string[] = [];

  async forget(_kind: string, source: string): Promise<void> {
    this.forgotten.push(source);
  }

  async answer(error?: Error): Promise<void> {
    await settle();
    const gate = this.waiting.shift();
    if (error) gate?.reject(error);
    else gate?.resolve();
    await settle();
  }
}

/** Lets everything that can go on without the disk go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function make(limits = { sources: 10, waiting: 100 }): { disk: SlowDisk; ingest: Ingest; changes: () => number } {
  const disk = new SlowDisk();
  let changed = 0;
  const ingest = new Ingest({
    kind: "demand",
    store: disk,
    clock: { nowMs: () => 5000 },
    limits,
    onChange: () => {
      changed += 1;
    },
  });
  return { disk, ingest, changes: () => changed };
}

function report(sequence: bigint, subject = "ns/chat"): Parameters<Ingest["report"]>[0] {
  return { source: "gateway", sequence, entries: [{ subject, value: { ratePerSecond: 1 } }] };
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), settle().then(() => false)]);
}

describe("a report is acknowledged", () => {
  it("when it is durable, not before", async () => {
    const { disk, ingest, changes } = make();
    const ack = ingest.report(report(1n));
    expect(await settled(ack)).toBe(false);
    expect(changes()).toBe(0);
    await disk.answer();
    expect(await ack).toEqual({ source: "gateway", sequence: 1n, outcome: "applied", lastSequence: 1n });
    expect(changes()).toBe(1);
  });

  it("a duplicate no sooner than the first of the two", async () => {
    const { disk, ingest } = make();
    const first = ingest.report(report(1n));
    await settle();
    const second = ingest.report(report(1n));
    expect(await settled(second)).toBe(false);
    await disk.answer();
    expect((await first).outcome).toBe("applied");
    expect((await second).outcome).toBe("duplicate");
  });

  it("together with all that came while the disk was busy", async () => {
    const { disk, ingest } = make();
    const acks = [ingest.report(report(1n))];
    await settle();
    for (let sequence = 2n; sequence < 50n; sequence += 1n)
      acks.push(ingest.report(report(sequence, `ns/${sequence}`)));
    await disk.answer();
    await disk.answer();
    await Promise.all(acks);
    expect(disk.written.map((batch) => batch.length)).toEqual([1, 48]);
  });
});

describe("where the disk fails", () => {
  it("the report is refused, and sent again is acknowledged once it is written", async () => {
    const { disk, ingest } = make();
    const refused = ingest.report(report(1n));
    refused.catch(() => undefined);
    await disk.answer(new Error("no space left"));
    await expect(refused).rejects.toThrow("not durable: no space left; send it again");
    const again = ingest.report(report(1n));
    expect(await settled(again)).toBe(false);
    await disk.answer();
    expect((await again).outcome).toBe("duplicate");
    expect(disk.written).toHaveLength(1);
    expect(disk.written[0]).toHaveLength(1);
  });
});

describe("limits", () => {
  it("one source too many is refused", async () => {
    const { ingest } = make({ sources: 0, waiting: 10 });
    await expect(ingest.report(report(1n))).rejects.toThrow("0 sources report already");
  });

  it("more than may wait is refused, and nothing of it counts", async () => {
    const { disk, ingest } = make({ sources: 5, waiting: 1 });
    const first = ingest.report(report(1n));
    await expect(ingest.report(report(2n))).rejects.toThrow("wait to become durable");
    await disk.answer();
    await first;
    expect(ingest.sources()[0]?.sequence).toBe(1n);
  });

  it("forgets a source once all that it said is on the disk, so that nothing of it comes back", async () => {
    const { disk, ingest, changes } = make();
    const first = ingest.report(report(1n));
    const forgotten = ingest.forget("gateway");
    await settle();
    expect(disk.forgotten).toEqual([]);
    await disk.answer();
    await first;
    expect(await forgotten).toBe(true);
    expect(disk.forgotten).toEqual(["gateway"]);
    expect([ingest.sources(), ingest.entries(), changes()]).toEqual([[], [], 2]);
    expect(await ingest.forget("gateway")).toBe(false);
    // A source that reports again is a new one, whatever its sequence.
    const again = ingest.report(report(1n));
    await disk.answer();
    expect((await again).outcome).toBe("applied");
  });
});
