import type { MilpBuilder, Term } from "../milp/model.ts";
import type { Instance } from "../model/instance.ts";
import { patternsOf } from "../model/patterns.ts";

const INF = Number.POSITIVE_INFINITY;

/**
 * Writes down that the replicas of pool `p` can be packed on its nodes: how many nodes of each row are filled by each pattern.
 * Held replicas stay or stop: where a variant keeps all that it holds, every node runs at least what it holds of it; where it does
 * not, no node runs more. A group puts at most x members on one node. False where there are too many patterns.
 */
export function addPacking(builder: MilpBuilder, instance: Instance, p: number, replicas: readonly number[]): boolean {
  const model = patternsOf(instance, p);
  if (!model) return false;
  const { nodes } = instance.pools[p]!;
  const columns = model.patterns.map((pattern) => builder.column(0, nodes[pattern.row]!.count, true));
  nodes.forEach((node, row) => {
    const own = columns.flatMap((c, i): Term[] => (model.patterns[i]!.row === row ? [[c, 1]] : []));
    if (own.length > 0) builder.row(-INF, node.count, own);
  });
  model.items.forEach((item, i) => {
    const supply = columns.flatMap((c, k): Term[] => [[c, model.patterns[k]!.counts[i]!]]);
    const demand = item.variants.map((v): Term => [replicas[v]!, -instance.variants[v]!.members]);
    builder.row(0, INF, [...supply, ...demand]);
    if (!item.own) return;
    const v = item.variants[0]!;
    if (instance.variants[v]!.members > 1) limitMembers(builder, instance, p, model.patterns, i, columns, replicas[v]!);
    if (nodes.some((n) => n.holds.has(v))) keepHeld(builder, instance, p, v, model.patterns, i, columns);
  });
  return true;
}

type Patterns = NonNullable<ReturnType<typeof patternsOf>>["patterns"];

function limitMembers(
  builder: MilpBuilder,
  instance: Instance,
  p: number,
  patterns: Patterns,
  item: number,
  columns: number[],
  replicas: number,
): void {
  const most = Math.max(...patterns.map((q) => q.counts[item]!));
  for (let c = 2; c <= most; c++) {
    const users = columns.filter((_, k) => patterns[k]!.counts[item] === c);
    if (users.length === 0) continue;
    const used = builder.column(0, 1, true);
    builder.row(0, INF, [
      [replicas, 1],
      [used, -c],
    ]);
    for (const [k, column] of columns.entries())
      if (patterns[k]!.counts[item] === c)
        builder.row(0, INF, [
          [used, instance.pools[p]!.nodes[patterns[k]!.row]!.count],
          [column, -1],
        ]);
  }
}

function keepHeld(
  builder: MilpBuilder,
  instance: Instance,
  p: number,
  v: number,
  patterns: Patterns,
  item: number,
  columns: number[],
): void {
  const { nodes } = instance.pools[p]!;
  const grows = builder.column(0, 1, true);
  nodes.forEach((node, row) => {
    const held = node.holds.get(v) ?? 0;
    const atLeast = columns.flatMap((c, k): Term[] =>
      patterns[k]!.row === row && patterns[k]!.counts[item]! >= held ? [[c, 1]] : [],
    );
    const above = columns.flatMap((c, k): Term[] =>
      patterns[k]!.row === row && patterns[k]!.counts[item]! > held ? [[c, 1]] : [],
    );
    if (held > 0) builder.row(0, INF, [...atLeast, [grows, -node.count]]);
    if (above.length > 0) builder.row(-INF, 0, [...above, [grows, -node.count]]);
  });
}
