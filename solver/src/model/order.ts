/** Code-unit order: the same on every machine, whatever its locale. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function byName(a: { name: string }, b: { name: string }): number {
  return compareNames(a.name, b.name);
}

/** By name. Most lists are in order already: those are not copied. */
export function inOrder<T extends { name: string }>(list: readonly T[]): readonly T[] {
  for (let i = 1; i < list.length; i++) if (list[i - 1]!.name > list[i]!.name) return [...list].sort(byName);
  return list;
}
