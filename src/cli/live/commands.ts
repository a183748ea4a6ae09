import type {
  GetStatusResponse,
  LivePlan,
  WatchPlanResponse,
  WhatIfChange,
  WhatIfResponse,
} from "../../gen/apportion/v1/live.ts";
import { planDifference } from "../../plan/difference.ts";
import type { CliContext } from "../context.ts";
import { EXIT_DONE } from "../exit.ts";
import { type Callback, type ClientFlags, type LiveClient, liveClient } from "./client.ts";
import { differenceView } from "./difference-view.ts";
import { toJson } from "./json.ts";
import { modeText, statusView } from "./status-view.ts";
import { whyView } from "./why-view.ts";

export interface LiveFlags extends ClientFlags {
  format: "table" | "json";
}

/** Runs a command against the service, and closes the connection whatever comes of it. */
export async function withClient(flags: ClientFlags, work: (client: LiveClient) => Promise<number>): Promise<number> {
  const client = liveClient(flags);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** `apportion status` */
export function runStatus(context: CliContext, flags: LiveFlags): Promise<number> {
  return withClient(flags, async (client) => {
    const status = await fetchStatus(client);
    context.stdout.write(flags.format === "json" ? toJson(status) : statusView(status, Date.now(), context.stdout));
    return EXIT_DONE;
  });
}

/** `apportion why WORKLOAD` */
export function runWhy(context: CliContext, name: string, flags: LiveFlags): Promise<number> {
  return withClient(flags, async (client) => {
    const { plan } = await fetchStatus(client);
    if (plan !== undefined) context.stdout.write(whyView(plan, name, context.stdout));
    return EXIT_DONE;
  });
}

/** `apportion whatif` */
export function runWhatIf(context: CliContext, changes: WhatIfChange[], flags: LiveFlags): Promise<number> {
  return withClient(flags, async (client) => {
    const response = await client.call((metadata, options, done: Callback<WhatIfResponse>) =>
      client.placement.whatIf({ changes }, metadata, options, done),
    );
    const { before, after } = response;
    if (before === undefined || after === undefined) return EXIT_DONE;
    context.stdout.write(
      flags.format === "json" ? toJson(response) : differenceView(planDifference(before, after), context.stdout),
    );
    return EXIT_DONE;
  });
}

/** `apportion watch`: a line for every new plan (or the plan, as JSON lines) until it is interrupted. */
export function runWatch(context: CliContext, flags: LiveFlags): Promise<number> {
  return followPlans(context, flags, (plan) => {
    context.stdout.write(flags.format === "json" ? `${toJson(plan, 0)}` : `${planLine(plan)}\n`);
  });
}

/** `apportion top`: the status on the whole terminal, new with every plan. */
export function runTop(context: CliContext, flags: LiveFlags): Promise<number> {
  const clear = context.stdout.isTTY ? "\u001B[2J\u001B[H" : "";
  return withClient(flags, (client) =>
    followPlans(context, flags, async () => {
      const status = await fetchStatus(client);
      context.stdout.write(`${clear}${statusView(status, Date.now(), context.stdout)}`);
    }),
  );
}

function fetchStatus(client: LiveClient): Promise<GetStatusResponse> {
  return client.call((metadata, options, done: Callback<GetStatusResponse>) =>
    client.placement.getStatus({}, metadata, options, done),
  );
}

function followPlans(
  context: CliContext,
  flags: ClientFlags,
  show: (plan: LivePlan) => void | Promise<void>,
): Promise<number> {
  return withClient(flags, (client) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const stream = client.placement.watchPlan({ afterRevision: 0n }, client.metadata);
    stream.on("data", ({ plan }: WatchPlanResponse) => {
      if (plan !== undefined) Promise.resolve(show(plan)).catch(reject);
    });
    stream.on("error", (error) => reject(client.failure(error as never)));
    stream.on("end", () => resolve(EXIT_DONE));
    const forget = context.onInterrupt(() => {
      resolve(EXIT_DONE);
      stream.cancel();
    });
    return promise.finally(forget);
  });
}

function planLine(plan: LivePlan): string {
  const short = plan.plan?.workloads.filter((workload) => workload.reason !== undefined).length ?? 0;
  const moving = plan.variants.filter((variant) => variant.desired !== variant.current);
  const changes = moving.map((variant) => `${variant.name} ${variant.current}→${variant.desired}`).join(", ");
  const held = plan.heldBecause === "" ? "" : `; held: ${plan.heldBecause}`;
  const at = plan.plannedAt?.toISOString() ?? "";
  return `${at} plan ${plan.revision} (${modeText(plan)}): ${short} short; ${changes || "nothing changes"}${held}`;
}
