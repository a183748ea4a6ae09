import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { CallMeasurement, CycleMeasurement, ReportKind, ReportOutcome, Telemetry } from "../../ports/telemetry.ts";
import { EVENTS, type MetricDefinition } from "../../status/metric-definitions.ts";
import type { MetricFamily, MetricSample } from "../../status/metric-types.ts";

/** Of the process itself: `apportion_process_…` and `apportion_nodejs_…`. */
const PROCESS_PREFIX = "apportion_";

/** Counts what happens and shows it, with the gauges of the moment, in the text format of Prometheus. */
export class PrometheusTelemetry implements Telemetry {
  readonly #registry = new Registry();
  readonly #read: () => MetricFamily[];
  readonly #cycles = this.#counter(EVENTS.cycles);
  readonly #cycleSeconds = this.#histogram(EVENTS.cycleSeconds);
  readonly #reports = this.#counter(EVENTS.reports);
  readonly #calls = this.#counter(EVENTS.calls);
  readonly #callSeconds = this.#histogram(EVENTS.callSeconds);

  /** @param read the gauges, asked for at every scrape */
  constructor(read: () => MetricFamily[]) {
    this.#read = read;
    collectDefaultMetrics({ register: this.#registry, prefix: PROCESS_PREFIX });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    // Made anew: a series of what is gone, and a zero for what is not known, would both be lies.
    const gauges = new Registry();
    for (const { definition, samples } of this.#read()) addGauge(gauges, definition, samples);
    return `${await this.#registry.metrics()}\n${await gauges.metrics()}`;
  }

  callEnded({ service, method, code, seconds }: CallMeasurement): void {
    const labels = { grpc_service: service, grpc_method: method };
    this.#calls.inc({ ...labels, grpc_code: code });
    this.#callSeconds.observe(labels, seconds);
  }

  reportEnded(kind: ReportKind, outcome: ReportOutcome): void {
    this.#reports.inc({ kind, outcome });
  }

  cycleEnded({ outcome, seconds }: CycleMeasurement): void {
    this.#cycles.inc({ outcome });
    for (const [step, value] of Object.entries(seconds)) {
      if (value !== undefined) this.#cycleSeconds.observe({ step }, value);
    }
  }

  #counter({ name, help, labels }: MetricDefinition): Counter {
    return new Counter({ name, help, labelNames: [...labels], registers: [this.#registry] });
  }

  #histogram({ name, help, labels, buckets }: MetricDefinition): Histogram {
    return new Histogram({
      name,
      help,
      labelNames: [...labels],
      registers: [this.#registry],
      ...(buckets !== undefined && { buckets: [...buckets] }),
    });
  }
}

function addGauge(
  registry: Registry,
  { name, help, labels }: MetricDefinition,
  samples: readonly MetricSample[],
): void {
  if (samples.length === 0) return;
  const gauge = new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
  for (const sample of samples) gauge.set(sample.labels, sample.value);
}
