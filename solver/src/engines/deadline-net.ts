import { sharedNowMs } from "./solver-protocol.ts";

/** How far past its deadline a thread may be before it is asked to stop: the larger of the two. */
const STOP_AFTER_MS = 1000;
const STOP_AFTER_SHARE = 0.25;
/** And before it is given up. Far out: what takes long on a slow machine still ends with a plan, and only a defect never ends. */
const GIVE_UP_AFTER_MS = 600_000;
const GIVE_UP_AFTER_SHARE = 10;
/** The longest wait a timer takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * What happens to a thread that overshoots. It watches its own clock, so first it is left to come to its end; then the stop flag is set
 * too, for whatever looks at that alone; it is waited for after that as well, since its plan is coming and the only one there is. A
 * thread that is still silent many minutes later is a defect: `giveUp` gets an error.
 */
export function deadlineNet(deadlineMs: number, stop: () => void, giveUp: (error: Error) => void): { cancel(): void } {
  const left = Math.max(0, deadlineMs - sharedNowMs()) || 0;
  const after = (ms: number, action: () => void) => setTimeout(action, Math.min(LONGEST_TIMER_MS, left + ms));
  const timers = [
    after(Math.max(STOP_AFTER_MS, STOP_AFTER_SHARE * left), stop),
    after(Math.max(GIVE_UP_AFTER_MS, GIVE_UP_AFTER_SHARE * left), () =>
      giveUp(
        new Error("internal error: the solver thread does not come to its end; report this with the problem file"),
      ),
    ),
  ];
  return { cancel: () => timers.forEach(clearTimeout) };
}
