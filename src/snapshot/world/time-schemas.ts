import { number } from "../field-schemas.ts";

/** Epoch milliseconds, up to the last that `Date` can say. */
export const time = number(0, 8.64e15);
/** Durations, up to ten years. */
export const milliseconds = number(0, 3650 * 86_400_000);
