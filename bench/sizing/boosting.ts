/** Rows of features, and what each is to predict. */
export interface Samples {
  rows: readonly Float64Array[];
  values: Float64Array;
}

export interface BoostingOptions {
  objective: Objective;
  trees: number;
  depth: number;
  rate: number;
  /** Samples of a leaf, at least. */
  leastLeaf: number;
  /** By feature: 1 where predictions must not fall as it rises, −1 where they must not rise, 0 either. */
  monotone: readonly number[];
}

/** Complete trees, breadth first: a split that is not needed sends everything to both sides alike. */
export interface Boosted {
  base: number;
  features: number[];
  thresholds: number[];
  leaves: number[];
}

const BINS = 40;

/** What is made as large as it can be: the sum of a worth of value − prediction. */
export interface Objective {
  /** Of the worth, as the prediction grows. */
  slope(left: number): number;
  /** The prediction that is worth most to all of these. */
  best(lefts: Float64Array): number;
}

/** Gradient boosting (Friedman, 2001): splits by the slope, leaves by what is best for those in them. */
export function boosted(samples: Samples, options: BoostingOptions): Boosted {
  const { values } = samples;
  const { objective } = options;
  const binned = new Binned(samples.rows);
  const base = objective.best(values);
  const left = Float64Array.from(values, (value) => value - base);
  const result: Boosted = { base, features: [], thresholds: [], leaves: [] };
  const everyone = Uint32Array.from(values, (_, i) => i);
  for (let tree = 0; tree < options.trees; tree++) {
    const slopes = Float64Array.from(left, (value) => objective.slope(value));
    const grower = new Grower(binned, left, slopes, options);
    grower.grow(everyone, 0, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    result.features.push(...grower.features);
    result.thresholds.push(...grower.thresholds);
    result.leaves.push(...grower.leaves);
    for (let i = 0; i < left.length; i++) left[i]! -= grower.leaves[grower.leafOf[i]!]!;
  }
  return result;
}

class Binned {
  readonly thresholds: Float64Array[];
  readonly bins: Uint8Array[];

  constructor(rows: readonly Float64Array[]) {
    const count = rows[0]?.length ?? 0;
    this.thresholds = Array.from({ length: count }, (_, feature) => {
      const sorted = Float64Array.from(rows, (row) => row[feature]!).sort();
      const edges = Array.from({ length: BINS - 1 }, (__, i) => sorted[Math.floor(((i + 1) * sorted.length) / BINS)]!);
      // Halfway to the next value, in few digits: a threshold is a part of the generated file.
      const between = edges.map((edge) => {
        const next = sorted.find((value) => value > edge);
        return next === undefined ? Number.NaN : Number(((edge + next) / 2).toPrecision(4));
      });
      return Float64Array.from(new Set(between.filter((edge) => !Number.isNaN(edge)))).sort();
    });
    this.bins = this.thresholds.map((edges, feature) =>
      Uint8Array.from(rows, (row) => {
        let bin = 0;
        while (bin < edges.length && row[feature]! > edges[bin]!) bin++;
        return bin;
      }),
    );
  }
}

interface Split {
  feature: number;
  bin: number;
}

class Grower {
  readonly features: number[];
  readonly thresholds: number[];
  readonly leaves: number[];
  readonly leafOf: Uint32Array;
  private readonly binned: Binned;
  private readonly left: Float64Array;
  private readonly slopes: Float64Array;
  private readonly options: BoostingOptions;

  constructor(binned: Binned, left: Float64Array, slopes: Float64Array, options: BoostingOptions) {
    this.binned = binned;
    this.left = left;
    this.slopes = slopes;
    this.options = options;
    const splits = 2 ** options.depth - 1;
    this.features = new Array(splits).fill(0);
    this.thresholds = new Array(splits).fill(Number.POSITIVE_INFINITY);
    this.leaves = new Array(splits + 1).fill(0);
    this.leafOf = new Uint32Array(left.length);
  }

  /** `node`: breadth first. `low`, `high`: what the leaves below may say, so that the whole tree is monotone. */
  grow(members: Uint32Array, node: number, depth: number, low: number, high: number): void {
    const { options } = this;
    const splits = this.features.length;
    if (depth === options.depth) {
      const leaf = node - splits;
      this.leaves[leaf] = options.rate * this.valueOf(members, low, high);
      for (const i of members) this.leafOf[i] = leaf;
      return;
    }
    const split = this.bestSplit(members);
    if (split === undefined) {
      // Everything goes left; the right side says the same.
      const value = options.rate * this.valueOf(members, low, high);
      const below = 2 ** (options.depth - depth);
      const first = (node + 1) * below - 1 - splits;
      this.leaves.fill(value, first, first + below);
      for (const i of members) this.leafOf[i] = first;
      return;
    }
    const bins = this.binned.bins[split.feature]!;
    const less = members.filter((i) => bins[i]! <= split.bin);
    const more = members.filter((i) => bins[i]! > split.bin);
    this.features[node] = split.feature;
    this.thresholds[node] = this.binned.thresholds[split.feature]![split.bin]!;
    const direction = options.monotone[split.feature]!;
    const middle = (this.valueOf(less, low, high) + this.valueOf(more, low, high)) / 2;
    this.grow(less, 2 * node + 1, depth + 1, direction < 0 ? middle : low, direction > 0 ? middle : high);
    this.grow(more, 2 * node + 2, depth + 1, direction > 0 ? middle : low, direction < 0 ? middle : high);
  }

  private valueOf(members: Uint32Array, low: number, high: number): number {
    const value = this.options.objective.best(Float64Array.from(members, (i) => this.left[i]!));
    return Math.min(high, Math.max(low, value));
  }

  private bestSplit(members: Uint32Array): Split | undefined {
    const { leastLeaf, monotone } = this.options;
    if (members.length < 2 * leastLeaf) return undefined;
    let total = 0;
    for (const i of members) total += this.slopes[i]!;
    let best: Split | undefined;
    let bestGain = (total * total) / members.length + 1e-6;
    const sums = new Float64Array(BINS);
    const counts = new Float64Array(BINS);
    for (let feature = 0; feature < monotone.length; feature++) {
      sums.fill(0);
      counts.fill(0);
      const bins = this.binned.bins[feature]!;
      for (const i of members) {
        sums[bins[i]!]! += this.slopes[i]!;
        counts[bins[i]!]! += 1;
      }
      let sum = 0;
      let count = 0;
      for (let bin = 0; bin < this.binned.thresholds[feature]!.length; bin++) {
        sum += sums[bin]!;
        count += counts[bin]!;
        const rest = members.length - count;
        if (count < leastLeaf || rest < leastLeaf) continue;
        const rise = (total - sum) / rest - sum / count;
        if (rise * monotone[feature]! < 0) continue;
        const gain = (sum * sum) / count + (total - sum) ** 2 / rest;
        if (gain > bestGain) {
          bestGain = gain;
          best = { feature, bin };
        }
      }
    }
    return best;
  }
}
