import { z } from "zod";
import { LATENCIES, type ScalarSignal, SIGNALS } from "../../../snapshot/signals.ts";
import { SYSTEMS } from "../catalog/systems.ts";

/** The shape of a configuration of signals, field by field. */

/** An object that refuses unknown fields, naming the known ones. */
function fields<T extends z.core.$ZodLooseShape>(shape: T) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(", ") : undefined),
  });
}

const name = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[^\p{Cc}]*$/u);
const file = z.string().min(1).max(4096);
const seconds = (low: number, high: number, usual: number) => z.number().min(low).max(high).default(usual);
const label = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "a name of a label: letters, digits and _");
const system = z.enum(SYSTEMS.map(({ name }) => name));
const systems = z.array(system).min(1);
const labelNames = fields({
  namespace: z.array(label).min(1).optional(),
  pod: z.array(label).min(1).optional(),
  model: z.array(label).min(1).optional(),
  queue: z.array(label).min(1).optional(),
  inferencePool: z.array(label).min(1).optional(),
  consumerGroup: z.array(label).min(1).optional(),
});

/** No line breaks: a header ends there. */
const headerValue = z
  .string()
  .max(8192)
  .regex(/^[\t\x20-\x7e]*$/, "printable ASCII");
const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "a name of a header");

const connection = {
  name,
  headers: z.record(headerName, headerValue).default({}),
  /** Values that are secrets, each from a file. */
  headerFiles: z.record(headerName, file).default({}),
  bearerTokenFile: file.optional(),
  basicAuth: fields({ username: z.string().max(253), passwordFile: file }).optional(),
  tls: fields({
    caFile: file.optional(),
    certFile: file.optional(),
    keyFile: file.optional(),
    serverName: z.string().max(253).optional(),
    insecureSkipVerify: z.boolean().default(false),
  }).default({ insecureSkipVerify: false }),
  timeoutSeconds: seconds(0.05, 300, 10),
  /** Tries after the first one, where it may help. */
  retries: z.int().min(0).max(10).default(2),
  maxAnswerBytes: z.int().min(1024).max(1_073_741_824).default(67_108_864),
  concurrency: z.int().min(1).max(256).default(6),
  systems: systems.optional(),
};

const url = z
  .string()
  .max(2048)
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    "a URL that begins with http:// or https://",
  )
  .refine((text) => !URL.canParse(text) || (new URL(text).username === "" && new URL(text).password === ""), {
    message: "no user name or password in the URL: write them to basicAuth",
  })
  .refine((text) => !URL.canParse(text) || (new URL(text).search === "" && new URL(text).hash === ""), {
    message: "no parameters in the URL: write them to params",
  });

const source = z.discriminatedUnion("type", [
  fields({
    type: z.literal("prometheus"),
    url,
    /** Added to every query: `dedup`, `partial_response`, `extra_label`. */
    params: z.record(z.string().min(1).max(253), z.string().max(1000)).default({}),
    /** Conditions on every series, such as { cluster: east }. */
    matchers: z.record(label, z.string().max(1000)).default({}),
    ...connection,
  }),
  fields({
    type: z.literal("pods"),
    port: z.int().min(1).max(65_535).optional(),
    path: z.string().startsWith("/").max(1000).default("/metrics"),
    scheme: z.enum(["http", "https"]).default("http"),
    ...connection,
  }),
  fields({ type: z.literal("kubernetes-metrics"), url, ...connection }),
]);

const query = fields({
  name,
  system: system.optional(),
  signal: z.enum([...(Object.keys(SIGNALS) as ScalarSignal[]), ...LATENCIES]).optional(),
  promql: z.string().min(1).max(65_536),
  labels: labelNames.optional(),
  scale: z.number().gt(0).max(1e15).optional(),
});

export const configSchema = fields({
  apiVersion: z.literal("apportion.dev/v1"),
  kind: z.literal("SignalConfig"),
  /** Over which rates are taken: at least twice the scrape interval; three times forgives a scrape that fails. */
  windowSeconds: seconds(1, 86_400, 90),
  /** What is older is stale. */
  staleAfterSeconds: seconds(1, 86_400, 90),
  /** How far back the last value is looked for. */
  lookbackSeconds: seconds(1, 86_400, 300),
  quantiles: z.array(z.number().gt(0).lt(1)).min(1).max(20).default([0.5, 0.9, 0.95, 0.99]),
  systems: systems.default(["vllm"]),
  labels: labelNames.default({}),
  sources: z.array(source).min(1).max(50),
  queries: z.array(query).max(500).default([]),
});

export type SignalConfig = z.output<typeof configSchema>;
export type SourceConfig = SignalConfig["sources"][number];
export type PrometheusSourceConfig = Extract<SourceConfig, { type: "prometheus" }>;
export type PodsSourceConfig = Extract<SourceConfig, { type: "pods" }>;
export type KubernetesMetricsSourceConfig = Extract<SourceConfig, { type: "kubernetes-metrics" }>;
export type ConnectionConfig = Omit<z.output<ReturnType<typeof connectionShape>>, "systems">;

function connectionShape() {
  return z.object(connection);
}
