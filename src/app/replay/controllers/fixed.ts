import type { Controller } from "../types.ts";

/** What there is at the beginning stays. */
export const FIXED: Controller = { stepMs: 60_000, step: () => undefined };
