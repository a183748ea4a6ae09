import { describe, expect, test } from "vitest";
import { courseOf, ratesBetween } from "../../src/app/replay/course.ts";
import { estimate } from "../../src/app/replay/summary.ts";
import { CONTROLLERS, type ControllerName } from "../../src/app/replay/types.ts";
import { runReplayJob } from "../../src/bin/replay-run.ts";
import { tiny } from "./tiny.ts";

const run = (controller: ControllerName, changes: object = {}) =>
  runReplayJob({ controller, simulation: tiny(changes), trace: [] });

describe.each(CONTROLLERS)("%s", (controller) => {
  test("the same job gives the same outcome, and every request ends once", async () => {
    const outcome = await run(controller);
    expect(await run(controller)).toEqual(outcome);
    const { arrivals } = courseOf(tiny({}), []);
    expect(outcome.classes.reduce((sum, { requests }) => sum + requests, 0)).toBe(arrivals.length);
    expect(outcome.minutes.reduce((sum, { requests }) => sum + requests, 0)).toBe(arrivals.length);
    const inside = outcome.classes.reduce((sum, { insideSlo, requests }) => sum + insideSlo * requests, 0);
    expect(outcome.minutes.reduce((sum, minute) => sum + minute.inside, 0)).toBeCloseTo(inside, 6);
    // Two pools of 8 devices, 10 minutes, 2 and 1 an hour.
    expect(outcome.deviceHours).toBeGreaterThan(0);
    expect(outcome.deviceHours).toBeLessThanOrEqual((16 * 10) / 60);
    expect(outcome.cost).toBeGreaterThanOrEqual(outcome.deviceHours - 1e-9);
    expect(outcome.cost).toBeLessThanOrEqual(2 * outcome.deviceHours + 1e-9);
  });
});

test("fixed is what the file says: its devices for all of the time, at their price", async () => {
  const outcome = await run("fixed", { initialReplicas: 3 });
  expect(outcome.deviceHours).toBeCloseTo((3 * 10) / 60, 9);
  expect(outcome.cost).toBeCloseTo((2 * 3 * 10) / 60, 9);
  expect(outcome).toMatchObject({ starts: 0, stops: 0, pendingReplicaHours: 0 });
});

test("ours and the autoscalers follow demand that grows; what is fixed does not", async () => {
  const grows = {
    traffic: { type: "ramp", ratePerSecond: 1, peakPerSecond: 14, periodSeconds: 400 },
    initialReplicas: 1,
  };
  const [ours, hpa, fixed] = await Promise.all([run("ours", grows), run("hpa", grows), run("fixed", grows)]);
  for (const outcome of [ours, hpa]) {
    expect(outcome.starts).toBeGreaterThan(0);
    expect(outcome.classes[0]!.insideSlo).toBeGreaterThan(fixed.classes[0]!.insideSlo + 0.1);
  }
});

test("the clairvoyant has replicas when the demand comes, without a start time", async () => {
  const jump = {
    traffic: { type: "burst", ratePerSecond: 1, peakPerSecond: 12, periodSeconds: 600, burstSeconds: 120 },
  };
  const [ours, bound] = await Promise.all([run("ours", jump), run("clairvoyant", jump)]);
  expect(bound.classes[0]!.insideTtft).toBeGreaterThan(ours.classes[0]!.insideTtft);
  expect(bound.pendingReplicaHours).toBeLessThan(0.01);
});

test("rates of a stretch are its requests over its time", () => {
  const course = courseOf(tiny({}), []);
  const count = course.arrivals.filter(({ atMs }) => atMs >= 60_000 && atMs < 120_000).length;
  expect(ratesBetween(course, 60_000, 120_000).get("ml/chat")).toBeCloseTo(count / 60, 9);
});

test("means and their 95 % intervals", () => {
  // Standard deviation 1, t of 2 degrees of freedom 4.303.
  expect(estimate([1, 2, 3])).toEqual({ mean: 2, halfWidth: expect.closeTo(4.303 / Math.sqrt(3), 6) });
  expect(estimate([5])).toEqual({ mean: 5 });
  expect(estimate([1, Number.POSITIVE_INFINITY])).toEqual({ mean: Number.POSITIVE_INFINITY });
});
