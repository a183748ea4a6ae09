import { recordMaker } from "./record-makers.ts";

/**
 * Lists of plain data, column by column. Copying a hundred thousand records to another thread one by one takes most of the time on
 * both sides; a few flat arrays are copied as fast as memory is. Any plain data has such a form; what has none stays as it is.
 */
export type Column =
  | { kind: "raw"; values: unknown[] }
  | { kind: "numbers"; values: Int32Array | Float64Array }
  /** Up to 256 different values that repeat. */
  | { kind: "few"; values: unknown[]; which: Uint8Array }
  /** Strings end to end, and where each one ends. */
  | { kind: "texts"; text: string; ends: Int32Array }
  | { kind: "lists"; ends: Int32Array; items: Column }
  /** Objects with the same keys in the same order: one column for each key. */
  | { kind: "records"; keys: string[]; columns: Column[]; length: number }
  /** Values of different kinds: row i is the next of `parts[which[i]]`. */
  | { kind: "mixed"; which: Uint8Array; parts: Column[] };

/** Most values that `few` tells apart, and most kinds of rows in one column. */
const MOST_KINDS = 256;
/** Characters that count as one value. */
const CHARACTERS = 64;

/** There are more values than were allowed. */
class OverBudget extends Error {}

type Kind = "number" | "string" | "few" | "list" | "record" | "raw";

function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case "number":
      return "number";
    case "string":
      return "string";
    case "boolean":
    case "undefined":
      return "few";
    case "object":
      if (value === null) return "few";
      if (Array.isArray(value)) return "list";
      return Object.getPrototypeOf(value) === Object.prototype ? "record" : "raw";
    default:
      return "raw";
  }
}

/** True where all are of the kind of the first. */
function allOf(kind: Kind, values: unknown[]): boolean {
  if (kind === "number" || kind === "string") {
    for (let i = 1; i < values.length; i++) if (typeof values[i] !== kind) return false;
    return true;
  }
  for (let i = 1; i < values.length; i++) if (kindOf(values[i]) !== kind) return false;
  return true;
}

/** True where the keys of a plain object are these, in this order. No list of them is made: that would take longer than all the rest. */
function hasKeys(record: object, keys: readonly string[]): boolean {
  let k = 0;
  for (const key in record) if (key !== keys[k++]) return false;
  return k === keys.length;
}

class Encoder {
  /** Values that may still be encoded. */
  left: number;

  constructor(budget: number) {
    this.left = budget;
  }

  private spend(values: number): void {
    this.left -= values;
    if (this.left < 0) throw new OverBudget();
  }

  of(values: unknown[]): Column {
    this.spend(values.length);
    if (values.length === 0) return { kind: "raw", values };
    const kind = kindOf(values[0]);
    return allOf(kind, values) ? this.alike(kind, values) : this.mixed(values);
  }

  private alike(kind: Kind, values: unknown[]): Column {
    if (kind === "number") return { kind: "numbers", values: numbersOf(values as number[]) };
    if (kind === "string") return few(values) ?? this.texts(values as string[]);
    if (kind === "few") return few(values)!;
    if (kind === "list") return this.lists(values as unknown[][]);
    if (kind === "record") return this.records(values as Record<string, unknown>[]);
    return { kind: "raw", values };
  }

  private mixed(values: unknown[]): Column {
    const kinds: Kind[] = [];
    const groups: unknown[][] = [];
    const which = new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const kind = kindOf(values[i]);
      let at = kinds.indexOf(kind);
      if (at < 0) {
        at = kinds.push(kind) - 1;
        groups.push([]);
      }
      which[i] = at;
      groups[at]!.push(values[i]);
    }
    return { kind: "mixed", which, parts: groups.map((group, k) => this.alike(kinds[k]!, group)) };
  }

  private texts(values: string[]): Column {
    const ends = new Int32Array(values.length);
    let end = 0;
    for (let i = 0; i < values.length; i++) {
      end += values[i]!.length;
      ends[i] = end;
    }
    this.spend(end / CHARACTERS);
    return { kind: "texts", text: values.join(""), ends };
  }

  private lists(values: unknown[][]): Column {
    const ends = new Int32Array(values.length);
    const items: unknown[] = [];
    for (let i = 0; i < values.length; i++) {
      this.spend(values[i]!.length);
      for (const item of values[i]!) items.push(item);
      ends[i] = items.length;
    }
    return { kind: "lists", ends, items: this.of(items) };
  }

  private records(values: Record<string, unknown>[]): Column {
    const shapes: string[][] = [];
    const groups: Record<string, unknown>[][] = [];
    const which = new Uint8Array(values.length);
    let at = -1;
    for (let i = 0; i < values.length; i++) {
      const record = values[i]!;
      if (at < 0 || !hasKeys(record, shapes[at]!)) at = shapes.findIndex((shape) => hasKeys(record, shape));
      if (at < 0) {
        const keys = Object.keys(record);
        if (shapes.length === MOST_KINDS || keys.includes("__proto__")) return this.raw(values);
        at = shapes.push(keys) - 1;
        groups.push([]);
      }
      which[i] = at;
      groups[at]!.push(record);
    }
    const parts = groups.map((group, k) => this.recordsAlike(shapes[k]!, group));
    return parts.length === 1 ? parts[0]! : { kind: "mixed", which, parts };
  }

  /** Objects that are no records with few sets of keys, such as maps: copied as they are, so their entries count here. */
  private raw(values: Record<string, unknown>[]): Column {
    for (const value of values) this.spend(Object.keys(value).length);
    return { kind: "raw", values };
  }

  private recordsAlike(keys: string[], records: Record<string, unknown>[]): Column {
    const columns: Column[] = [];
    for (const key of keys) {
      const column: unknown[] = new Array(records.length);
      for (let i = 0; i < records.length; i++) column[i] = records[i]![key];
      columns.push(this.of(column));
    }
    return { kind: "records", keys, columns, length: records.length };
  }
}

/** Whole numbers stay whole numbers: those read from an array of doubles would each be an object on the heap. */
function numbersOf(values: number[]): Int32Array | Float64Array {
  const whole = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    whole[i] = value;
    if (whole[i] !== value || (value === 0 && 1 / value < 0)) return doublesOf(values);
  }
  return whole;
}

function doublesOf(values: number[]): Float64Array {
  const doubles = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) doubles[i] = values[i]!;
  return doubles;
}

/** Undefined where too many of the values are different: then a table of them saves nothing. */
function few(values: unknown[]): Column | undefined {
  const known = new Map<unknown, number>();
  const most = Math.min(MOST_KINDS, 4 + values.length / 8);
  const which = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    let at = known.get(values[i]);
    if (at === undefined) {
      at = known.size;
      if (at >= most) return undefined;
      known.set(values[i], at);
    }
    which[i] = at;
  }
  return { kind: "few", values: [...known.keys()], which };
}

/** A list as a column, and the number of values in it; undefined where those are more than `budget`. */
export function toColumn(values: unknown[], budget: number): { column: Column; weight: number } | undefined {
  const encoder = new Encoder(budget);
  try {
    const column = encoder.of(values);
    return { column, weight: budget - encoder.left };
  } catch (error) {
    if (error instanceof OverBudget) return undefined;
    throw error;
  }
}

function fewFrom(which: Uint8Array, values: unknown[]): unknown[] {
  const list: unknown[] = new Array(which.length);
  for (let i = 0; i < which.length; i++) list[i] = values[which[i]!];
  return list;
}

function textsFrom(ends: Int32Array, text: string): string[] {
  const list: string[] = new Array(ends.length);
  for (let i = 0, from = 0; i < ends.length; i++) {
    list[i] = text.slice(from, ends[i]!);
    from = ends[i]!;
  }
  return list;
}

function recordsFrom(keys: string[], columns: ArrayLike<unknown>[], length: number): object[] {
  const make = recordMaker(keys);
  const list: object[] = new Array(length);
  for (let i = 0; i < length; i++) list[i] = make(columns, i);
  return list;
}

function listsFrom(ends: Int32Array, items: ArrayLike<unknown>): unknown[] {
  const lists: unknown[] = new Array(ends.length);
  for (let i = 0, from = 0; i < ends.length; i++) {
    const list: unknown[] = [];
    for (; from < ends[i]!; from++) list.push(items[from]);
    lists[i] = list;
  }
  return lists;
}

function mixedFrom(which: Uint8Array, parts: ArrayLike<unknown>[]): unknown[] {
  const next = new Int32Array(parts.length);
  const values: unknown[] = new Array(which.length);
  for (let i = 0; i < which.length; i++) {
    const part = which[i]!;
    values[i] = parts[part]![next[part]!];
    next[part] = next[part]! + 1;
  }
  return values;
}

/** The list that `toColumn` was given. */
export function fromColumn(column: Column): ArrayLike<unknown> {
  switch (column.kind) {
    case "raw":
    case "numbers":
      return column.values;
    case "few":
      return fewFrom(column.which, column.values);
    case "texts":
      return textsFrom(column.ends, column.text);
    case "lists":
      return listsFrom(column.ends, fromColumn(column.items));
    case "records":
      return recordsFrom(column.keys, column.columns.map(fromColumn), column.length);
    case "mixed":
      return mixedFrom(column.which, column.parts.map(fromColumn));
  }
}
