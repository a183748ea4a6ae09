import { expect, test } from "vitest";
import { dailyAt, emptySeason, learnSeason, weeklyAt } from "../../../src/model/forecast/season.ts";
import type { SeasonState } from "../../../src/model/forecast/types.ts";
import { START_MS } from "./streams.ts";

const HALF_HOUR_MS = 1_800_000;
const DAY_MS = 48 * HALF_HOUR_MS;
/** Requests/s by half hour of the day, on five days of seven; 2 on the others. */
const rateAt = (halfHour: number) => (Math.floor(halfHour / 48) % 7 < 5 ? 10 + (halfHour % 48) : 2);

function learned(days: number): SeasonState {
  let season = emptySeason();
  // Three steps in each half hour, whose mean is the rate.
  for (let i = 0; i < days * 48 + 1; i++) {
    for (const [minute, change] of [
      [0, -1],
      [10, 0],
      [20, 1],
    ] as const) {
      season = learnSeason(season, START_MS + i * HALF_HOUR_MS + minute * 60_000, rateAt(i) + change);
    }
  }
  return season;
}

const middleOf = (halfHour: number) => START_MS + (halfHour + 0.5) * HALF_HOUR_MS;

test("one day: every half hour is its mean, and between the middles it is linear", () => {
  const season = learned(1);
  for (let i = 0; i < 48; i++) expect(dailyAt(season, middleOf(i))).toBeCloseTo(10 + i, 9);
  expect(dailyAt(season, middleOf(7.25))).toBeCloseTo(17.25, 9);
  expect(dailyAt(season, middleOf(47.5))).toBeCloseTo((57 + 10) / 2, 9);
  expect(dailyAt(season, middleOf(7) - 400 * DAY_MS)).toBeCloseTo(17, 9);
});

test("what was not seen is not known", () => {
  expect(dailyAt(emptySeason(), START_MS)).toBeNaN();
  expect(dailyAt(learned(0.5), middleOf(40))).toBeNaN();
  expect(weeklyAt(learned(3), middleOf(5 * 48))).toBeNaN();
});

test("another day replaces three tenths", () => {
  // Five days of 10 + i, then one of 2.
  const expected = 0.7 * (10 + 20) + 0.3 * 2;
  expect(dailyAt(learned(6), middleOf(20))).toBeCloseTo(expected, 1);
});

test("after a week, Saturday is no Monday", () => {
  const season = learned(8);
  // Between the middles of two hours: 9:00 to 10:00 and 10:00 to 11:00.
  const halfHour = 19.5;
  expect(weeklyAt(season, middleOf(halfHour))).toBeCloseTo(29.5, -0.5);
  expect(weeklyAt(season, middleOf(5 * 48 + halfHour))).toBe(2);
});
