/** Bounds of the service, each with its reason. */

const MIB = 1024 * 1024;

/** A problem of 100,000 workloads with four variants each takes about 50 MiB as a typed message. */
export const MAX_RECEIVE_BYTES = 64 * MIB;

/** Requests larger than this, and plans of more workloads, are read and written in another thread: they take more than a few ms. */
export const LARGE_REQUEST_BYTES = 128 * 1024;
export const LARGE_PLAN_WORKLOADS = 300;

/** A plan repeats the names of its problem and adds packings and prices: twice the request. */
export const MAX_SEND_BYTES = 128 * MIB;

/** Per connection. Calls beyond those that solve wait in the bounded queue or are refused; this bounds what they hold. */
export const MAX_CONCURRENT_STREAMS = 64;

/**
 * Encoded bytes of `grpc-status-details-bin`. Java and C++ clients drop a call whose headers exceed 8 KiB in all; base64
 * takes a third more, and the message and the other headers need their share.
 */
export const MAX_ERROR_DETAIL_BYTES = 5200;

/** Characters of `grpc-message`, which is percent-encoded and shares the same 8 KiB. */
export const MAX_ERROR_MESSAGE_CHARS = 400;

/** The longest time a caller may ask for; anything longer belongs on the command line. */
export const MAX_TIME_LIMIT_MS = 60 * 60 * 1000;

/** More threads than any machine this is meant for. */
export const MAX_THREADS = 256;

/** Kept of the time to a deadline for ending the stage that runs, checking, encoding and sending: a fifth, within these bounds. */
export const DEADLINE_MARGIN_SHARE = 0.2;
export const MIN_DEADLINE_MARGIN_MS = 100;
export const MAX_DEADLINE_MARGIN_MS = 2000;

/** Progress messages of a stream are at least this far apart: faster than a person reads, slower than it costs. */
export const PROGRESS_INTERVAL_MS = 50;

/** On shutdown running solves answer with their best plan; after this the rest is cut. */
export const SHUTDOWN_GRACE_MS = 5000;
