/** What ends a stage of the price engine. */
export interface StageLimits {
  /** True once a bound, or a plan against the bound, is good enough. */
  enough(bound: number): boolean;
  /** True where a plan of this loss is as good as the bound allows. */
  met(loss: number, bound: number): boolean;
  /** True where a plan of this loss is near enough to the bound to leave it, if nothing cheap betters it. */
  near?(loss: number, bound: number): boolean;
  out(): boolean;
  /** Milliseconds left to the stage. */
  remainingMs(): number;
  /** One of many stages alike: the plan in hand is mended before a new one is sought. */
  brief?: boolean;
  /** True where a bound says that plans are not worth looking for. */
  hopeless?(bound: number): boolean;
  /** Temperature of the first dive. */
  dive?: number;
  /** Starts of the recovery at most; 0: only the bound is asked for. */
  starts: number;
  /** Told about each better plan or bound: what the stage minimises. */
  progress?(loss: number, bound: number): void;
}
