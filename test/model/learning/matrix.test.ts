import fc from "fast-check";
import { expect, test } from "vitest";
import { at, combined, identity, inverse, quadratic, solve } from "../../../src/model/learning/matrix.ts";
import { nearestAbove } from "../../../src/model/learning/nonnegative.ts";

const entry = fc.double({ min: -3, max: 3, noNaN: true });
const vector = fc.array(entry, { minLength: 4, maxLength: 4 });
/** Positive definite: the identity and a few outer products. */
const matrix = fc
  .array(vector, { minLength: 1, maxLength: 6 })
  .map((vectors) => vectors.reduce((sum, v) => combined(sum, 1, 0, 1, v), identity(4)));

const RUN = { seed: 4, numRuns: 60 };

test("a solution, put in, gives the right side", () => {
  fc.assert(
    fc.property(matrix, vector, (m, right) => {
      const x = solve(m, right);
      for (let row = 0; row < 4; row++) {
        const left = x.reduce((sum, value, column) => sum + at(m, row, column) * value, 0);
        expect(left).toBeCloseTo(right[row]!, 7);
      }
    }),
    RUN,
  );
});

test("a matrix times its inverse is the identity", () => {
  fc.assert(
    fc.property(matrix, (m) => {
      const other = inverse(m, 4);
      for (let row = 0; row < 4; row++) {
        for (let column = 0; column < 4; column++) {
          let cell = 0;
          for (let k = 0; k < 4; k++) cell += at(m, row, k) * at(other, k, column);
          expect(cell).toBeCloseTo(row === column ? 1 : 0, 7);
        }
      }
    }),
    RUN,
  );
});

test("the nearest point above the floor: no other feasible point is nearer", () => {
  const cost = (m: number[], point: number[], mean: number[]) =>
    quadratic(
      m,
      point.map((value, i) => value - mean[i]!),
    );
  fc.assert(
    fc.property(
      matrix,
      vector,
      vector,
      fc.array(vector, { minLength: 20, maxLength: 20 }),
      (m, mean, floor, others) => {
        const point = nearestAbove(mean, m, floor);
        point.forEach((value, i) => {
          expect(value).toBeGreaterThanOrEqual(floor[i]! - 1e-9);
        });
        for (const other of others) {
          // Points near the answer, and far ones, drawn up to the floor.
          for (const step of [0.01, 1]) {
            const moved = point.map((value, i) => Math.max(floor[i]!, value + step * other[i]!));
            expect(cost(m, moved, mean)).toBeGreaterThanOrEqual(cost(m, point, mean) - 1e-7);
          }
        }
      },
    ),
    RUN,
  );
});
