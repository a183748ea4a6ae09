/**
 * What a problem may hold at most. Wide enough for any fleet; narrow enough that no sum, product or ratio of accepted numbers
 * leaves the range in which the solver's tolerances mean something.
 */

export const MAX_DEVICES = 1e7;
export const MAX_REPLICAS = 1e6;
export const MAX_COUNT = 1e6;
export const MAX_PRIORITY = 1e6;
/** Costs per hour, demands and capacities per second. */
export const MAX_AMOUNT = 1e12;
/** A rate below this is no rate: ratios of capacity to demand would overflow. */
export const MIN_RATE = 1e-9;
export const MIN_WEIGHT = 1e-6;
export const MAX_WEIGHT = 1e6;
/** Kubernetes' own limit of object names. */
export const MAX_NAME_LENGTH = 253;

export const MAX_POOLS = 5_000;
export const MAX_NODE_ROWS = 100_000;
export const MAX_HOLDS = 10_000;
export const MAX_TAINTS = 100;
export const MAX_CLASSES = 10_000;
export const MAX_QUOTAS = 100_000;
export const MAX_COHORTS = 10_000;
export const MAX_WORKLOADS = 200_000;
export const MAX_VARIANTS = 64;
export const MAX_REQUEST_TYPES = 64;
