/**
 * Large values across threads. Copying one at once stops both threads for as long as that takes; so it goes piece by piece, each small
 * enough to be copied in about 2 ms, with time for everything else in between.
 */

/** `items` go to the end of the list at `path` (keys from the root's holder: the first is 0, the root itself). */
export interface Piece {
  path: (string | number)[];
  items: unknown[];
}

/** Values (numbers, names, objects…) in one piece. */
const VALUES_PER_PIECE = 8000;
/** Lists inside a value that is too large for one piece stay where they are up to this many values. */
const SMALL = 64;
/** Characters that count as one value. */
const CHARACTERS = 64;

/** Number of values in `value`, counted up to `most`. */
function weigh(value: unknown, most: number): number {
  if (typeof value === "string") return 1 + value.length / CHARACTERS;
  if (typeof value !== "object" || value === null) return 1;
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
  let items: unknown[] = [];
  let weight = 0;
  for (const [i, item] of list.entries()) {
    const own = weigh(item, VALUES_PER_PIECE);
    if (weight + own > VALUES_PER_PIECE && items.length > 0) {
      yield { path, items };
      items = [];
      weight = 0;
    }
    const later: List[] = [];
    items.push(own < VALUES_PER_PIECE ? item : hollow(item, [...path, i], later));
    weight += own;
    if (later.length === 0) continue;
    yield { path, items };
    items = [];
    weight = 0;
    for (const part of later) yield* piecesOf(part);
  }
  if (items.length > 0) yield { path, items };
}

/** Plain data (no cycles, no typed arrays) in pieces, first to last. The value must not change until the last one is taken. */
export function pieces(root: unknown): Generator<Piece> {
  return piecesOf({ path: [], list: [root] });
}

/** Puts a value together again from its pieces, in their order. */
export class Assembly {
  private holder: unknown[] = [];

  add(piece: Piece): void {
    // biome-ignore lint/suspicious/noExplicitAny: a path through plain data
    const list = piece.path.reduce<any>((at, key) => at[key], this.holder);
    for (const item of piece.items) list.push(item);
  }

  /** The value; the assembly forgets it. */
  take(): unknown {
    const [value] = this.holder;
    this.holder = [];
    return value;
  }
}
