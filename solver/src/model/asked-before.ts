/** Answers kept for each workload: rungs stand 5 points apart, and each finds a place of its own. */
const PLACES = 32;

/** Answers of questions (workload, threshold in (0, 1]) that stages ask again and again. A newer one in the same place replaces it. */
export class AskedBefore {
  private readonly threshold: Float64Array;
  private readonly answer: Float64Array;

  constructor(workloads: number) {
    this.threshold = new Float64Array(PLACES * workloads);
    this.answer = new Float64Array(PLACES * workloads);
  }

  private place(m: number, threshold: number): number {
    return PLACES * m + (Math.floor(threshold * PLACES) & (PLACES - 1));
  }

  /** The answer, above 0; 0 where it is not known. */
  find(m: number, threshold: number): number {
    const at = this.place(m, threshold);
    return this.threshold[at] === threshold ? this.answer[at]! : 0;
  }

  note(m: number, threshold: number, answer: number): void {
    const at = this.place(m, threshold);
    this.threshold[at] = threshold;
    this.answer[at] = answer;
  }
}
