import { Agent, request } from "node:https";
import { json as readJson } from "node:stream/consumers";

/** Any Kubernetes object, read loosely: tests look at a few fields of many kinds. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    [field: string]: unknown;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the schema of the API server checks what is written
  spec?: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  status?: any;
}

/** What the API server answered instead of what was asked. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(method: string, path: string, code: number, status: { reason?: string; message?: string }) {
    super(`${method} ${path}: ${code} ${status.reason ?? ""} ${status.message ?? ""}`.trimEnd());
    this.name = "ApiError";
    this.code = code;
    this.reason = status.reason ?? "";
  }
}

export interface ApiAccess {
  server: string;
  /** PEM of the authority that signed the server's certificate. */
  authority: string;
  token: string;
}

export type PatchType = "merge-patch" | "strategic-merge-patch" | "json-patch" | "apply-patch";

/**
 * A Kubernetes client that shares nothing with the one that the product uses, so that tests see what really is in the
 * cluster. Every method throws `ApiError` where the API server refuses.
 */
export interface Api {
  get<T = KubeObject>(path: string): Promise<T>;
  /** Items of a list. */
  list(path: string): Promise<KubeObject[]>;
  post(path: string, body: unknown): Promise<KubeObject>;
  put(path: string, body: unknown): Promise<KubeObject>;
  patch(path: string, body: unknown, type?: PatchType): Promise<KubeObject>;
  delete(path: string): Promise<void>;
  /** True where the path answers 2xx: `/readyz`. */
  answers(path: string): Promise<boolean>;
  close(): void;
}

const REQUEST_TIMEOUT_MS = 20_000;

export function connect({ server, authority, token }: ApiAccess): Api {
  const agent = new Agent({ keepAlive: true, maxSockets: 20, ca: authority });

  function send(method: string, path: string, body?: unknown, type = "application/json") {
    return new Promise<{ code: number; body: () => Promise<unknown> }>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, accept: "application/json", "content-type": type };
      const call = request(new URL(path, server), { method, headers, agent, timeout: REQUEST_TIMEOUT_MS }, (response) =>
        resolve({ code: response.statusCode ?? 0, body: () => readJson(response) }),
      );
      call.on("timeout", () => call.destroy(new Error(`${method} ${path}: no answer in ${REQUEST_TIMEOUT_MS} ms`)));
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async function call<T>(method: string, path: string, body?: unknown, type?: string): Promise<T> {
    const answer = await send(method, path, body, type);
    const content = await answer.body();
    if (answer.code >= 300) throw new ApiError(method, path, answer.code, content as object);
    return content as T;
  }

  return {
    get: (path) => call("GET", path),
    list: async (path) => {
      const { apiVersion, kind, items } = await call<KubeObject & { items: KubeObject[] }>("GET", path);
      // The items of a list do not say what they are.
      return items.map((item) => ({ ...item, apiVersion, kind: kind.replace(/List$/, "") }));
    },
    post: (path, body) => call("POST", path, body),
    put: (path, body) => call("PUT", path, body),
    patch: (path, body, type = "merge-patch") =>
      call("PATCH", path, body, type === "apply-patch" ? "application/apply-patch+yaml" : `application/${type}+json`),
    delete: async (path) => void (await call("DELETE", path)),
    answers: async (path) => {
      const answer = await send("GET", path).catch(() => undefined);
      await answer?.body().catch(() => undefined);
      return answer !== undefined && answer.code < 300;
    },
    close: () => agent.destroy(),
  };
}
