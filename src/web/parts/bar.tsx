import { percent } from "./format.ts";

/** A share, as a bar with its number: the number is what counts. */
export function Attainment({ value }: { value: number }) {
  const state = value >= 1 - 1e-9 ? "full" : value >= 0.9 ? "short" : "low";
  return (
    <span class={`attainment ${state}`}>
      <span class="track" aria-hidden="true">
        <span style={{ width: `${Math.min(1, value) * 100}%` }} />
      </span>
      {percent(value)}
    </span>
  );
}
