/** Symmetric matrices of a few rows, as their lower triangle by rows: (0,0), (1,0), (1,1), (2,0) … */
export type Triangle = readonly number[];

export function identity(size: number): number[] {
  const result: number[] = [];
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) result.push(row === column ? 1 : 0);
  return result;
}

export function at(triangle: Triangle, row: number, column: number): number {
  const [high, low] = row >= column ? [row, column] : [column, row];
  return triangle[(high * (high + 1)) / 2 + low]!;
}

/** `a·triangle + b·identity + weight·v·vᵀ`. */
export function combined(triangle: Triangle, a: number, b: number, weight: number, v: readonly number[]): number[] {
  const result: number[] = [];
  for (let row = 0; row < v.length; row++) {
    for (let column = 0; column <= row; column++) {
      const old = a * triangle[result.length]! + (row === column ? b : 0);
      result.push(old + weight * v[row]! * v[column]!);
    }
  }
  return result;
}

/** Inverse of a positive definite matrix, by Cholesky's decomposition. */
export function inverse(triangle: Triangle, size: number): number[] {
  const columns = Array.from({ length: size }, (_, column) =>
    solve(
      triangle,
      Array.from({ length: size }, (_, row) => (row === column ? 1 : 0)),
    ),
  );
  const result: number[] = [];
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) result.push(columns[column]![row]!);
  return result;
}

/** `x` of `triangle·x = right`. */
export function solve(triangle: Triangle, right: readonly number[]): number[] {
  const size = right.length;
  const lower = cholesky(triangle, size);
  const middle: number[] = [];
  for (let row = 0; row < size; row++) {
    let sum = right[row]!;
    for (let k = 0; k < row; k++) sum -= at(lower, row, k) * middle[k]!;
    middle.push(sum / at(lower, row, row));
  }
  const x = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let sum = middle[row]!;
    for (let k = row + 1; k < size; k++) sum -= at(lower, k, row) * x[k]!;
    x[row] = sum / at(lower, row, row);
  }
  return x;
}

function cholesky(triangle: Triangle, size: number): number[] {
  const lower: number[] = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = at(triangle, row, column);
      for (let k = 0; k < column; k++) sum -= at(lower, row, k) * at(lower, column, k);
      lower.push(row === column ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / at(lower, column, column));
    }
  }
  return lower;
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** `vᵀ·triangle·v`. */
export function quadratic(triangle: Triangle, v: readonly number[]): number {
  let sum = 0;
  for (let row = 0; row < v.length; row++) {
    for (let column = 0; column < v.length; column++) sum += v[row]! * v[column]! * at(triangle, row, column);
  }
  return sum;
}
