import pRetry from "p-retry";
import { Agent, request } from "undici";
import type { ConnectionConfig } from "../config/schema.ts";
import { type Credentials, readCredentials, redact } from "./credentials.ts";

/** Delays between tries: doubled, with jitter, so that many that failed together do not come back together. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2000;

/** Of an answer that says what went wrong. */
const SHOWN_CHARACTERS = 300;

/** No answer that can be used. The message has no credentials. */
export class HttpError extends Error {
  readonly retryable: boolean;
  readonly status: number | undefined;
  constructor(message: string, retryable: boolean, status?: number) {
    super(message);
    this.name = "HttpError";
    this.retryable = retryable;
    this.status = status;
  }
}

export interface HttpRequest {
  url: string;
  method?: "GET" | "POST";
  /** Sent as a form. */
  form?: URLSearchParams;
  headers?: Record<string, string>;
  /** Statuses that have an answer to read; others are errors. Default: 200. */
  readable?: readonly number[];
}

export interface HttpAnswer {
  status: number;
  body: string;
  /** How far the clock of the server is ahead by its `Date`, ms; 0 where it lies between question and answer. */
  aheadMs: number;
}

/** One source: its credentials, its limits and its connections. */
export class HttpClient {
  readonly #config: ConnectionConfig;
  #credentials: Credentials | undefined;
  #agent: Agent | undefined;

  constructor(config: ConnectionConfig) {
    this.#config = config;
  }

  /** Reads the credentials of now; once before many requests. @throws Error where a file cannot be read */
  async refresh(): Promise<void> {
    const previous = this.#credentials;
    this.#credentials = await readCredentials(this.#config);
    if (this.#agent !== undefined && previous?.tlsFingerprint === this.#credentials.tlsFingerprint) return;
    const old = this.#agent;
    this.#agent = new Agent({
      // One request a connection: what HTTP/2 says of a handshake that failed does not name the reason.
      allowH2: false,
      connect: this.#credentials.tls,
      connections: this.#config.concurrency,
      maxResponseSize: this.#config.maxAnswerBytes,
    });
    await old?.close();
  }

  /** Asks, and asks again where that may help. @throws HttpError */
  async send(what: HttpRequest): Promise<HttpAnswer> {
    const { retries } = this.#config;
    return pRetry(() => this.#try(what), {
      retries,
      minTimeout: FIRST_DELAY_MS,
      maxTimeout: LONGEST_DELAY_MS,
      randomize: true,
      shouldRetry: ({ error }) => error instanceof HttpError && error.retryable,
    });
  }

  async close(): Promise<void> {
    await this.#agent?.destroy();
    this.#agent = undefined;
  }

  async #try({ url, method = "GET", form, headers, readable = [200] }: HttpRequest): Promise<HttpAnswer> {
    if (this.#agent === undefined) await this.refresh();
    const { headers: own = {}, secrets = [] } = this.#credentials ?? {};
    const sentMs = Date.now();
    try {
      const answer = await request(url, {
        method,
        dispatcher: this.#agent,
        headers: {
          ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
          ...headers,
          ...own,
        },
        ...(form !== undefined && { body: form.toString() }),
        signal: AbortSignal.timeout(this.#config.timeoutSeconds * 1000),
      });
      const aheadMs = clockAhead(Date.parse(String(answer.headers.date)), sentMs, Date.now());
      const body = await answer.body.text();
      if (!readable.includes(answer.statusCode)) {
        throw new HttpError(
          redact(`status ${answer.statusCode}: ${oneLine(body)}`, secrets),
          answer.statusCode === 429 || answer.statusCode >= 500,
          answer.statusCode,
        );
      }
      return { status: answer.statusCode, body, aheadMs };
    } catch (error) {
      throw error instanceof HttpError ? error : this.#failure(error, secrets);
    }
  }

  #failure(error: unknown, secrets: readonly string[]): HttpError {
    const { code = "", name = "", message = String(error) } = error as NodeJS.ErrnoException;
    if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") {
      return new HttpError(`the answer is larger than ${this.#config.maxAnswerBytes} bytes`, false);
    }
    if (name === "TimeoutError") return new HttpError(`no answer within ${this.#config.timeoutSeconds} s`, true);
    return new HttpError(redact(oneLine(message || code), secrets), !/TLS|SSL|CERT|SELF_SIGNED|VERIFY/.test(code));
  }
}

/** A `Date` has whole seconds, and was written between the question and its answer: only what lies outside is skew. */
function clockAhead(dateMs: number, sentMs: number, answeredMs: number): number {
  if (!Number.isFinite(dateMs)) return 0;
  if (dateMs + 1000 < sentMs) return dateMs + 1000 - sentMs;
  return dateMs > answeredMs ? dateMs - answeredMs : 0;
}

const oneLine = (text: string): string => text.trim().replaceAll(/\s+/g, " ").slice(0, SHOWN_CHARACTERS);
