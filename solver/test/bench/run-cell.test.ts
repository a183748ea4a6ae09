import { describe, expect, it } from "vitest";
import { penaltyFleet } from "../../bench/fleets/instance.ts";
import { runCell } from "../../bench/run-cell.ts";

describe("cells in processes of their own", () => {
  const instance = penaltyFleet(5, 1, 1);

  it("answer with an outcome", async () => {
    const result = await runCell({ what: "greedy", instance });
    expect(result.ok && result.outcome.rssMib).toBeGreaterThan(10);
  });

  it("say why where there is none", async () => {
    const many = penaltyFleet(30, 1, 1);
    const refused = await runCell({ what: "solve", instance: many, engine: "jslp", limitMs: 1_000 });
    expect(refused).toEqual({ ok: false, why: expect.stringContaining('"jslp" takes problems of up to') });
  });

  it("are ended when they overstay", async () => {
    const result = await runCell({ what: "greedy", instance }, 1);
    expect(result).toEqual({ ok: false, why: "ended with the kill timer (1 ms)" });
  });
});
