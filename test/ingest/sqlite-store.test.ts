import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { SqliteStore } from "../../src/adapters/store/sqlite-store.ts";
import type { StoredReport } from "../../src/ports/store.ts";
import { EMPTY_MEMORY } from "../../src/snapshot/world/memory.ts";

function file(): string {
  const directory = mkdtempSync(join(tmpdir(), "apportion-store-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "state.sqlite");
}

function stored(sequence: bigint, value: unknown): StoredReport {
  return { kind: "demand", source: "s", subject: "ns/w", sequence, reportedAtMs: 1.5, receivedAtMs: 2, value };
}

it("keeps the newest report of each subject, also sequences beyond doubles", async () => {
  const path = file();
  const store = new SqliteStore(path);
  const big = 2n ** 62n + 1n;
  await store.reports().write([stored(big, { ratePerSecond: 2 }), stored(5n, { ratePerSecond: 1 })]);
  store.close();
  const again = new SqliteStore(path);
  expect(await again.reports().load()).toEqual([stored(big, { ratePerSecond: 2 })]);
  again.close();
});

it("forgets a source, of one kind", async () => {
  const store = new SqliteStore(file());
  const inventory: StoredReport = { ...stored(3n, { nodes: [] }), kind: "inventory" };
  await store.reports().write([stored(5n, { ratePerSecond: 1 }), inventory]);
  await store.reports().forget("demand", "s");
  expect(await store.reports().load()).toEqual([inventory]);
  await store.reports().write([stored(1n, { ratePerSecond: 2 })]);
  expect(await store.reports().load()).toContainEqual(stored(1n, { ratePerSecond: 2 }));
  store.close();
});

it("refuses the memory of whoever is not the last writer", async () => {
  const store = new SqliteStore(file());
  const mine = store.memory("default");
  const theirs = store.memory("default");
  await mine.save({ ...EMPTY_MEMORY, revision: 1 }, 0);
  await theirs.save({ ...EMPTY_MEMORY, revision: 2 }, 1);
  await expect(mine.save({ ...EMPTY_MEMORY, revision: 2, lastCycleAtMs: 9 }, 1)).rejects.toThrow("not the last");
  expect((await mine.load())?.lastCycleAtMs).toBe(0);
  await expect(mine.save({ ...EMPTY_MEMORY, revision: 1 }, 0)).rejects.toThrow("not the last");
  store.close();
});

it("overrides come back after a restart, and go once", async () => {
  const path = file();
  const override = {
    id: "o-1",
    action: { type: "pin" as const, replicas: 0 },
    subject: { kind: "variant" as const, name: "ns/v" },
    reason: "r",
    author: "a",
    createdAtMs: 1,
  };
  const store = new SqliteStore(path);
  await store.overrides().put(override);
  store.close();
  const again = new SqliteStore(path);
  expect(await again.overrides().list()).toEqual([override]);
  expect(await again.overrides().remove("o-1")).toBe(true);
  expect(await again.overrides().remove("o-1")).toBe(false);
  again.close();
});
