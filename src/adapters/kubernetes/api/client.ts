import http from "node:http";
import https from "node:https";
import { createInterface } from "node:readline";
import type { Connection } from "./connection.ts";
import { ApiError, asApiError, errorOfAnswer, errorOfStatus } from "./error.ts";
import type { RawList, RawObject, WatchEvent } from "./types.ts";

export type PatchType = "merge" | "json" | "apply";

export interface PatchOptions {
  type?: PatchType;
  fieldManager?: string;
}

interface RequestOptions {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  contentType?: string;
  /** Media type of the answer; `application/json` where absent. */
  accept?: string;
}

const CONTENT_TYPES: Record<PatchType, string> = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
};

/** Objects of one page: bounds the memory of a list and the time that the server spends on one request. */
const PAGE_OBJECTS = 200;
const DEFAULT_TIMEOUT_MS = 10_000;
/** An answer larger than this is not a page of objects. */
const MAX_ANSWER_CHARACTERS = 256 * 1024 * 1024;

/**
 * Requests to the API server as plain JSON. Every request has a deadline over all of it, and every failure is an
 * `ApiError`.
 */
export class KubernetesApi {
  readonly connection: Connection;
  readonly #timeoutMs: number;
  #clockOffsetMs: number | undefined;

  constructor(connection: Connection, timeoutMs: number = DEFAULT_TIMEOUT_MS) {
    this.connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /** How far the clock of the server was ahead of this one's at its last answer; negative: behind. */
  get clockOffsetMs(): number | undefined {
    return this.#clockOffsetMs;
  }

  get<T extends object = RawObject>(path: string, accept?: string): Promise<T> {
    return this.#request("GET", path, { accept }) as Promise<T>;
  }

  create<T extends object = RawObject>(path: string, body: object): Promise<T> {
    return this.#request("POST", path, { body }) as Promise<T>;
  }

  replace<T extends object = RawObject>(path: string, body: object): Promise<T> {
    return this.#request("PUT", path, { body }) as Promise<T>;
  }

  async remove(path: string): Promise<void> {
    await this.#request("DELETE", path, {});
  }

  patch<T extends object = RawObject>(path: string, body: unknown, options: PatchOptions = {}): Promise<T> {
    const type = options.type ?? "merge";
    const query = { fieldManager: options.fieldManager, force: type === "apply" ? true : undefined };
    return this.#request("PATCH", path, { body, query, contentType: CONTENT_TYPES[type] }) as Promise<T>;
  }

  /**
   * Visits every object of a collection, page by page, so that no more than one page is held. A list that expired
   * between two pages begins anew: `restart` is called, and everything is visited again.
   *
   * @returns the version that the list shows
   */
  async list(
    path: string,
    visit: (item: RawObject) => void,
    options: { query?: Record<string, string>; restart?: () => void } = {},
  ): Promise<string> {
    let token: string | undefined;
    let restarts = 0;
    for (;;) {
      const query = { ...options.query, limit: PAGE_OBJECTS, continue: token };
      let page: RawList;
      try {
        page = (await this.#request("GET", path, { query })) as RawList;
      } catch (error) {
        if (asApiError(error).kind !== "expired" || token === undefined || restarts > 2) throw error;
        restarts += 1;
        token = undefined;
        options.restart?.();
        continue;
      }
      for (const item of page.items ?? []) visit(item);
      token = page.metadata?.continue || undefined;
      if (token === undefined) return page.metadata?.resourceVersion ?? "";
    }
  }

  /**
   * Follows changes until the server ends the watch, `signal` aborts, or nothing, not even a bookmark, arrives for
   * `idleMs`.
   *
   * @throws ApiError `unreachable` on silence or a cut; what the server says otherwise, `expired` above all
   */
  async watch(
    path: string,
    options: { query?: Record<string, string>; signal: AbortSignal; idleMs: number },
    visit: (event: WatchEvent) => void,
  ): Promise<void> {
    const query = { ...options.query, watch: true, allowWatchBookmarks: true };
    const response = await this.#open("GET", path, { query }, options.signal, this.#timeoutMs);
    response.setTimeout(options.idleMs, () =>
      response.destroy(new Error(`the watch was silent for ${options.idleMs} ms`)),
    );
    try {
      for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
        if (line === "") continue;
        const event = JSON.parse(line) as WatchEvent;
        if (event.type === "ERROR") throw errorOfStatus(event.object as { code?: number; message?: string });
        visit(event);
      }
      if (response.errored) throw response.errored;
    } catch (error) {
      throw asApiError(error);
    } finally {
      response.destroy();
    }
  }

  async #request(method: string, path: string, options: RequestOptions): Promise<unknown> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await this.#open(method, path, options, timeout, this.#timeoutMs);
      const text = await textOf(response);
      return text === "" ? {} : JSON.parse(text);
    } catch (error) {
      if (timeout.aborted)
        throw new ApiError("unreachable", 0, `no answer to ${method} ${path} within ${this.#timeoutMs} ms`);
      if (error instanceof SyntaxError)
        throw new ApiError("server", 200, `${method} ${path} was answered with what is not JSON`);
      throw asApiError(error);
    }
  }

  /** Sends it and waits for the head of the answer. Rejects with what an answer other than 2xx says. */
  async #open(
    method: string,
    path: string,
    options: RequestOptions,
    signal: AbortSignal,
    headTimeoutMs: number,
  ): Promise<http.IncomingMessage> {
    const url = new URL(this.connection.server + path);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const headers: Record<string, string> = {
      ...(await this.connection.headers()),
      Accept: options.accept ?? "application/json",
      "User-Agent": "apportion",
    };
    if (body !== undefined) {
      headers["Content-Type"] = options.contentType ?? "application/json";
      headers["Content-Length"] = String(Buffer.byteLength(body));
    }
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const send = url.protocol === "http:" ? http.request : https.request;
      const request = send(url, { method, headers, agent: this.connection.agent, signal });
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${headTimeoutMs} ms`)), headTimeoutMs);
      request.once("error", reject);
      request.once("close", () => clearTimeout(timer));
      request.once("response", (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      request.end(body);
    });
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) {
      const serverMs = Date.parse(response.headers.date ?? "");
      if (Number.isFinite(serverMs)) this.#clockOffsetMs = serverMs - Date.now();
      return response;
    }
    throw errorOfAnswer(status, await textOf(response), response.headers["retry-after"]);
  }
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response as AsyncIterable<string>) {
    text += chunk;
    if (text.length <= MAX_ANSWER_CHARACTERS) continue;
    response.destroy();
    throw new ApiError("server", response.statusCode ?? 0, `answer longer than ${MAX_ANSWER_CHARACTERS} characters`);
  }
  return text;
}
