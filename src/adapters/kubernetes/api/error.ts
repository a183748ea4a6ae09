/**
 * What went wrong with a request, by what can be done about it:
 * - `unreachable`: no answer (refused, reset, timed out); try later
 * - `unauthorized`, `forbidden`: ask an administrator
 * - `notFound`, `conflict`: the world changed; read again
 * - `expired`: the resourceVersion or page is too old (410); list again
 * - `throttled`: 429; wait `retryAfterMs`
 * - `invalid`: the server refuses the content (400, 422)
 * - `server`: 5xx or an answer that makes no sense; try later
 */
export type ApiErrorKind =
  | "unreachable"
  | "unauthorized"
  | "forbidden"
  | "notFound"
  | "conflict"
  | "expired"
  | "throttled"
  | "invalid"
  | "server";

/** A request to the API server that failed. */
export class ApiError extends Error {
  readonly kind: ApiErrorKind;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly retryAfterMs?: number;

  constructor(kind: ApiErrorKind, status: number, message: string, retryAfterMs?: number) {
    super(message);
    this.name = "ApiError";
    this.kind = kind;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

const KINDS: Record<number, ApiErrorKind> = {
  400: "invalid",
  401: "unauthorized",
  403: "forbidden",
  404: "notFound",
  405: "invalid",
  409: "conflict",
  410: "expired",
  415: "invalid",
  422: "invalid",
  429: "throttled",
};

const MAX_MESSAGE_CHARACTERS = 500;

/** From an answer that is not 2xx; `body` is a `Status` object where the API server itself answers. */
export function errorOfAnswer(status: number, body: string, retryAfterSeconds: string | undefined): ApiError {
  const seconds = Number(retryAfterSeconds);
  const retryAfterMs = retryAfterSeconds !== undefined && Number.isFinite(seconds) ? seconds * 1000 : undefined;
  return new ApiError(KINDS[status] ?? "server", status, messageOf(status, body), retryAfterMs);
}

/** From a `Status` object inside a watch. */
export function errorOfStatus(value: { code?: number; message?: string }): ApiError {
  const code = value.code ?? 500;
  return new ApiError(
    KINDS[code] ?? "server",
    code,
    (value.message ?? `status ${code}`).slice(0, MAX_MESSAGE_CHARACTERS),
  );
}

function messageOf(status: number, body: string): string {
  try {
    const message = (JSON.parse(body) as { message?: unknown }).message;
    if (typeof message === "string" && message !== "") return message.slice(0, MAX_MESSAGE_CHARACTERS);
  } catch {
    // Proxies and early failures answer in plain text.
  }
  return `HTTP ${status}${body === "" ? "" : `: ${body.slice(0, MAX_MESSAGE_CHARACTERS)}`}`;
}

/** Any failure of a request as one of ours: no answer is `unreachable`. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError("unreachable", 0, error instanceof Error ? error.message : String(error));
}
