/** Code-unit order: the same on every machine, whatever its locale. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function byName(a: { name: string }, b: { name: string }): number {
  return compareNames(a.name, b.name);
}

/** Lists of up to this length, such as the variants of a workload, are sorted by insertion: there are many of them. */
const SHORT = 12;

/** By name. Most lists are in order already: those are not copied. */
export function inOrder<T extends { name: string }>(list: readonly T[]): readonly T[] {
  for (let i = 1; i < list.length; i++)
    if (list[i - 1]!.name > list[i]!.name) return list.length > SHORT ? list.toSorted(byName) : inserted(list);
  return list;
}

function inserted<T extends { name: string }>(list: readonly T[]): T[] {
  const sorted = list.slice();
  for (let i = 1; i < sorted.length; i++) {
    const item = sorted[i]!;
    let at = i;
    for (; at > 0 && sorted[at - 1]!.name > item.name; at--) sorted[at] = sorted[at - 1]!;
    sorted[at] = item;
  }
  return sorted;
}
