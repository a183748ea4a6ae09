import { NameGuesser } from "./nearest-name.ts";
import { printed } from "./printed.ts";
import type { Violation } from "./types.ts";

/** Collects what is wrong with one input. */
export class Report {
  readonly violations: Violation[] = [];
  readonly guesser = new NameGuesser();

  add(path: string, value: unknown, rule: string, fix: string): void {
    this.violations.push({ path, value: printed(value), rule, fix });
  }

  /** A name that must be one of `known` and is not. */
  addUnknownName(path: string, name: string, known: ReadonlyMap<string, unknown>, kind: string): void {
    const otherwise = known.size === 0 ? `the problem has no ${kind}` : `name one of the problem's ${kind}`;
    this.add(path, name, `names one of the problem's ${kind}`, this.guesser.fix(name, known.keys(), otherwise));
  }
}
