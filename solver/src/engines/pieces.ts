import { type Column, fromColumn, toColumn } from "./columns.ts";

/**
 * Large values across threads. Copying one at once stops both threads for as long as that takes; so it goes piece by piece, each small
 * enough for about 2 ms on either side, with time for everything else in between. Long lists go column by column.
 */

/** `items` go to the end of the list at `path` (keys from the root's holder: the first is 0, the root itself). */
export interface Piece {
  path: (string | number)[];
  items: Column;
}

/** Values (numbers, names, objects…) in one piece, about, and at most. */
const VALUES_PER_PIECE = 40_000;
const MOST_VALUES = 2 * VALUES_PER_PIECE;
/** Items of the first piece of a list: how heavy they are is not known yet. */
const FIRST_ITEMS = 64;
/** Lists inside a value that is too large for one piece stay where they are up to this many values. */
const SMALL = 64;

/** Number of values in `value`, counted up to `most`. */
function weigh(value: unknown, most: number): number {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return 1;
  let weight = 1;
  for (const key in value) {
    weight += weigh((value as Record<string, unknown>)[key], most - weight);
    if (weight >= most) break;
  }
  return weight;
}

type List = { path: Piece["path"]; list: readonly unknown[] };

/** A copy without its long lists, which are added to `later`. */
function hollow(value: unknown, path: Piece["path"], later: List[]): unknown {
  if (typeof value !== "object" || value === null || weigh(value, SMALL) < SMALL) return value;
  if (Array.isArray(value)) {
    later.push({ path, list: value });
    return [];
  }
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, hollow(v, [...path, key], later)]));
}

function* piecesOf({ path, list }: List): Generator<Piece> {
  let count = FIRST_ITEMS;
  for (let at = 0; at < list.length; ) {
    const items = list.slice(at, at + count);
    const encoded = toColumn(items, MOST_VALUES);
    if (encoded) {
      yield { path, items: encoded.column };
      at += items.length;
      count = Math.ceil(Math.min(8 * count, (items.length * VALUES_PER_PIECE) / encoded.weight));
    } else if (items.length > 1) {
      count = Math.ceil(items.length / 8);
    } else {
      const later: List[] = [];
      yield { path, items: { kind: "raw", values: [hollow(items[0], [...path, at], later)] } };
      at++;
      for (const part of later) yield* piecesOf(part);
    }
  }
}

/** Plain data (no cycles; a typed array counts as one value) in pieces, first to last. The value must not change until the last one is taken. */
export function pieces(root: unknown): Generator<Piece> {
  return piecesOf({ path: [], list: [root] });
}

/** Puts a value together again from its pieces, in their order. */
export class Assembly {
  private holder: unknown[] = [];

  add(piece: Piece): void {
    // biome-ignore lint/suspicious/noExplicitAny: a path through plain data
    const list = piece.path.reduce<any>((at, key) => at[key], this.holder);
    const items = fromColumn(piece.items);
    for (let i = 0; i < items.length; i++) list.push(items[i]);
  }

  /** The value; the assembly forgets it. */
  take(): unknown {
    const [value] = this.holder;
    this.holder = [];
    return value;
  }
}
