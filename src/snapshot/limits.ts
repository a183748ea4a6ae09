/** Bounds of numbers in a snapshot: real fleets stay far below, and what lies beyond is a slip of the unit or an attack. */
export const MAX_NAME_CHARACTERS = 253;
export const MAX_DEVICES = 1_000_000_000;
export const MAX_REPLICAS = 1_000_000_000;
export const MAX_RATE = 1e12;
export const MAX_COST = 1e12;
export const MAX_WEIGHT = 1e9;
export const MAX_PRIORITY = 1_000_000_000;
/** These three keep one sizing under a second. */
export const MAX_BATCH_SIZE = 100_000;
export const MAX_QUEUE_SIZE = 1_000_000;
export const MAX_TOKENS = 100_000_000;
/** A day: a longer time of one decode step is a slip of the unit. */
export const MAX_TIME_MS = 86_400_000;
export const MAX_KV_CACHE_TOKENS = 1e12;
export const MAX_PARALLEL_SIZE = 1024;
/** Of a log-normal length: beyond it next to all tokens lie in a request of a million. */
export const MAX_VARIATION = 10;
export const MAX_SAMPLES = 10_000;
