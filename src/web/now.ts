import { signal } from "@preact/signals";

/** How far the service's clock is ahead of this one; a simulated one runs faster. */
let aheadMs = 0;

/** The time of the service, for ages; ticks once a second. */
export const now = signal(Date.now());

const tick = (): void => {
  now.value = Date.now() + aheadMs;
};
setInterval(tick, 1000);

/** The service has been at this time: it is no earlier now. */
export function noEarlierThan(iso: string | undefined): void {
  const ms = Date.parse(iso ?? "");
  if (!(ms > Date.now() + aheadMs)) return;
  aheadMs = ms - Date.now();
  tick();
}
