import { expect, test } from "vitest";
import { AuditTrail } from "../../src/app/live/audit.ts";
import { MemoryKeeper } from "../../src/app/live/memory-keeper.ts";
import type { MemoryStore } from "../../src/ports/store.ts";
import { EMPTY_MEMORY, type Memory } from "../../src/snapshot/world/memory.ts";

/** A trail over a store that can be told to fail, and the lines of its log. */
function trailOf() {
  const store = { memory: { ...EMPTY_MEMORY, revision: 7 } as Memory, fails: false };
  const memories: MemoryStore = {
    load: async () => store.memory,
    save: async (memory) => {
      if (store.fails) throw new Error("no answer");
      store.memory = memory;
    },
  };
  const lines: [Record<string, unknown>, string][] = [];
  const log = { info: (fields: Record<string, unknown>, text: string) => void lines.push([fields, text]) };
  const keeper = new MemoryKeeper(memories);
  const trail = new AuditTrail(keeper, { ...log, warn: log.info, error: log.info });
  return { store, lines, keeper, trail };
}

const entry = (atMs: number) => ({ atMs, actor: "ada", action: "freeze", subject: "v", reason: "r", effect: "e" });

test("the memory keeps the newest 500 entries, the log has every one", async () => {
  const { store, lines, keeper, trail } = trailOf();
  await keeper.load();
  for (let atMs = 1; atMs <= 503; atMs++) await trail.add(entry(atMs));
  expect(store.memory.audit).toHaveLength(500);
  expect(store.memory.audit?.[0]?.atMs).toBe(4);
  expect(trail.newest(2).map(({ atMs }) => atMs)).toEqual([503, 502]);
  expect(lines).toHaveLength(503);
  expect(lines[0]).toEqual([{ ...entry(1), revision: 7 }, "audit"]);
});

test("what is not durable is in neither, and neither is what the change refuses", async () => {
  const { store, lines, keeper, trail } = trailOf();
  await keeper.load();
  store.fails = true;
  await expect(trail.add(entry(1))).rejects.toThrow("no answer");
  store.fails = false;
  const refuse = (): never => {
    throw new Error("another plan waits");
  };
  await expect(trail.add(refuse)).rejects.toThrow("another plan waits");
  expect([trail.newest(9), store.memory.audit, lines]).toEqual([[], undefined, []]);
  await trail.add(entry(2), (memory) => ({ ...memory, approvedRevision: 5 }));
  expect(store.memory).toMatchObject({ approvedRevision: 5, audit: [{ atMs: 2, revision: 7 }] });
});
