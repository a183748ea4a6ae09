import { Columns } from "../lagrange/columns.ts";
import type { StageModel } from "../lagrange/stage-model.ts";

/** Workloads remembered for each row and direction. */
const NEAR = 64;
const EPS = 1e-9;

/**
 * For each capacity row, the workloads that give it back (`givers`) or use more of it (`takers`) at the least rise of their priced value
 * for each unit: whom to ask first when something has changed. Row r's are at r·NEAR …, −1 where there are fewer.
 */
export interface Neighbours {
  givers: Near;
  takers: Near;
}

interface Near {
  who: Int32Array;
  /** Units that its best single move gives or takes. */
  units: Float64Array;
}

/** The best few of one direction, by row, by rising score. */
class Best implements Near {
  readonly who: Int32Array;
  readonly units: Float64Array;
  private readonly score: Float64Array;

  constructor(rows: number) {
    this.who = new Int32Array(rows * NEAR).fill(-1);
    this.units = new Float64Array(rows * NEAR);
    this.score = new Float64Array(rows * NEAR).fill(Number.POSITIVE_INFINITY);
  }

  note(r: number, m: number, score: number, amount: number): void {
    const { who, units, score: scores } = this;
    const from = r * NEAR;
    let at = from + NEAR - 1;
    for (let i = from; i <= at; i++)
      if (who[i] === m) {
        if (scores[i]! <= score) return;
        at = i;
      }
    if (scores[at]! <= score) return;
    for (; at > from && scores[at - 1]! > score; at--) {
      scores[at] = scores[at - 1]!;
      who[at] = who[at - 1]!;
      units[at] = units[at - 1]!;
    }
    scores[at] = score;
    who[at] = m;
    units[at] = amount;
  }
}

/** Looks at single replicas more or less, and at one variant in place of another, of every workload from `from` to `to`. */
export class NeighbourSearch {
  private readonly model: StageModel;
  private readonly prices: Float64Array;
  private readonly x: Float64Array;
  private readonly columns: Columns;
  private readonly givers: Best;
  private readonly takers: Best;
  private readonly now: Float64Array;
  private readonly next: Float64Array;
  private readonly counts: Float64Array;

  constructor(model: StageModel, prices: Float64Array, x: Float64Array) {
    this.model = model;
    this.prices = prices;
    this.x = x;
    this.columns = new Columns(model);
    this.givers = new Best(model.flat.rows);
    this.takers = new Best(model.flat.rows);
    let widest = 1;
    for (let m = 0; m < model.flat.workloads; m++)
      widest = Math.max(widest, model.locStart[m + 1]! - model.locStart[m]!);
    this.now = new Float64Array(widest);
    this.next = new Float64Array(widest);
    this.counts = new Float64Array(model.flat.widest);
  }

  get found(): Neighbours {
    return { givers: this.givers, takers: this.takers };
  }

  run(from: number, to: number): void {
    for (let m = from; m < to; m++) this.look(m);
  }

  private look(m: number): void {
    const { model, counts, x } = this;
    const { flat, min } = model;
    const v0 = flat.first[m]!;
    const nv = flat.first[m + 1]! - v0;
    for (let i = 0; i < nv; i++) counts[i] = x[v0 + i]!;
    const here = this.priced(m, this.now);
    for (let i = 0; i < nv; i++) {
      const k = x[v0 + i]!;
      if (k > min[v0 + i]!) {
        counts[i] = k - 1;
        this.tell(m, here);
        this.replace(m, i, here);
      }
      if (k < flat.most[v0 + i]!) {
        counts[i] = k + 1;
        this.tell(m, here);
      }
      counts[i] = k;
    }
  }

  /** What variant i gave up is made up for by each other one in turn. */
  private replace(m: number, i: number, here: number): void {
    const { flat } = this.model;
    const v0 = flat.first[m]!;
    const lost = flat.gain[v0 + i]!;
    for (let j = 0; j < flat.first[m + 1]! - v0; j++) {
      const gain = flat.gain[v0 + j]!;
      if (j === i || gain <= 0) continue;
      const before = this.counts[j]!;
      this.counts[j] = Math.min(flat.most[v0 + j]!, before + Math.ceil(lost / gain - 1e-9));
      if (this.counts[j]! > before) this.tell(m, here);
      this.counts[j] = before;
    }
  }

  private priced(m: number, use: Float64Array): number {
    const { columns, model, prices, counts } = this;
    const a = columns.attainment(m, counts, 0);
    if (a < model.hard[m]! - EPS) return Number.NaN;
    let p = columns.evaluate(m, counts, 0, a, use, 0);
    const l0 = model.locStart[m]!;
    for (let i = 0; i < model.locStart[m + 1]! - l0; i++) p += prices[model.locRow[l0 + i]!]! * use[i]!;
    return p;
  }

  private tell(m: number, here: number): void {
    const { flat } = this.model;
    const rise = this.priced(m, this.next) - here;
    if (Number.isNaN(rise)) return;
    const o0 = flat.ownStart[m]!;
    for (let i = 0; i < flat.ownStart[m + 1]! - o0; i++) {
      const units = this.now[i]! - this.next[i]!;
      if (units > EPS) this.givers.note(flat.ownRow[o0 + i]!, m, rise / units, units);
      else if (units < -EPS) this.takers.note(flat.ownRow[o0 + i]!, m, rise / -units, -units);
    }
  }
}

/** How often over those who are asked could make up for a change. */
const COVER = 3;

/** Adds those who can make up most cheaply for `more` units used of row r (less where negative); at least `few` of each direction. */
export function addNeighbours(
  { givers, takers }: Neighbours,
  r: number,
  more: number,
  few: number,
  into: Set<number>,
): void {
  for (const { who, units, amount } of [
    { ...givers, amount: more },
    { ...takers, amount: -more },
  ]) {
    let left = COVER * amount;
    for (let i = r * NEAR; i < (r + 1) * NEAR && who[i]! >= 0; i++) {
      if (left <= 0 && i - r * NEAR >= few) break;
      into.add(who[i]!);
      left -= units[i]!;
    }
  }
}
