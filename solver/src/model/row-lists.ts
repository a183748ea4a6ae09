import type { Row, RowUse } from "./types.ts";

const NONE: RowUse[] = [];

/**
 * Rows and coefficients by variant. Most variants of a pool are alike, and those that use the same rows alike share one list: a
 * large problem has hundreds of lists instead of a million entries. Nobody may change them.
 */
export function rowLists(rows: Row[], variants: number): RowUse[][] {
  const lists: RowUse[][] = new Array(variants).fill(NONE);
  for (let row = 0; row < rows.length; row++) {
    const own = rows[row]!;
    const longer = new Map<RowUse[], Map<number, RowUse[]>>();
    // neighbours mostly come with the same list: it is looked up where it changes
    let before: RowUse[] | undefined;
    let byCoefficient = new Map<number, RowUse[]>();
    for (let i = 0; i < own.variants.length; i++) {
      const v = own.variants[i]!;
      const coefficient = own.coefficients[i]!;
      if (lists[v] !== before) {
        before = lists[v]!;
        byCoefficient = longer.get(before) ?? new Map();
        longer.set(before, byCoefficient);
      }
      let list = byCoefficient.get(coefficient);
      if (!list) {
        list = [...before!, { row, coefficient }];
        byCoefficient.set(coefficient, list);
      }
      lists[v] = list;
    }
  }
  return lists;
}
