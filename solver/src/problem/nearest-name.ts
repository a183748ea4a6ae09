/** Longer names are no typing slips. */
const LONGEST_NAME = 64;

/** Letter comparisons that one input may cost: ten thousand slips over ten thousand names must not take minutes. */
const BUDGET = 2e7;

/** Finds the known name that a mistyped one most likely means. Each instance compares a bounded number of letters. */
export class NameGuesser {
  #budget = BUDGET;

  /** The nearest of `known` (ties: the first in code-unit order), or undefined where none is near or the budget is spent. */
  nearest(name: string, known: Iterable<string>): string | undefined {
    if (name.length > LONGEST_NAME) return undefined;
    // Never all letters: any name is one change away from a name of one letter.
    const limit = Math.min(name.length - 1, Math.max(2, Math.floor(name.length / 3)));
    let best: string | undefined;
    let bestDistance = limit + 1;
    for (const candidate of known) {
      if (candidate.length < name.length - limit) continue;
      this.#budget -= (name.length + 1) * (name.length + limit + 1);
      if (this.#budget < 0) return best;
      const distance = slipDistance(name.toLowerCase(), candidate.toLowerCase(), limit);
      if (distance < bestDistance || (distance === bestDistance && best !== undefined && candidate < best)) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best;
  }

  /** For `fix`: `did you mean "pool"? Else …`. */
  fix(name: string, known: Iterable<string>, otherwise: string): string {
    const near = this.nearest(name, known);
    return near === undefined ? otherwise : `did you mean ${JSON.stringify(near)}? Else ${otherwise}`;
  }
}

/** Shorter beginnings fit too many names. */
const SHORTEST_BEGINNING = 4;

/** Letters to change; a name that stops early (`demand` for `demandPerSecond`) is one slip. */
function slipDistance(name: string, candidate: string, limit: number): number {
  const whole = candidate.length > name.length + limit ? Number.POSITIVE_INFINITY : editDistance(name, candidate);
  if (name.length < SHORTEST_BEGINNING) return whole;
  return Math.min(whole, 1 + editDistance(name, candidate.slice(0, name.length)));
}

/** Levenshtein: inserted, deleted and replaced letters. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1));
    }
    above = row;
  }
  return above[b.length]!;
}
