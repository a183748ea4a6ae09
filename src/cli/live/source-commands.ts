import type { ForgetSourceResponse, ListDemandResponse } from "../../gen/apportion/v1/demand.ts";
import type { CliContext } from "../context.ts";
import { EXIT_DONE } from "../exit.ts";
import { renderTable } from "../view/table.ts";
import { printable } from "../view/text.ts";
import type { Callback } from "./client.ts";
import { type LiveFlags, withClient } from "./commands.ts";
import { toJson } from "./json.ts";

/** `apportion sources list` */
export function runSourcesList(context: CliContext, flags: LiveFlags): Promise<number> {
  return withClient(flags, async (client) => {
    const response = await client.call((metadata, options, done: Callback<ListDemandResponse>) =>
      client.demand.listDemand({}, metadata, options, done),
    );
    if (flags.format === "json") context.stdout.write(toJson(response.sources));
    else if (response.sources.length === 0) context.stdout.write("nobody has reported\n");
    else context.stdout.write(`${sourcesTable(response, context)}\n`);
    return EXIT_DONE;
  });
}

function sourcesTable({ sources, demands }: ListDemandResponse, context: CliContext): string {
  const columns = [
    { title: "source", shrinkTo: 8 },
    { title: "last report" },
    { title: "" },
    { title: "requests/s of", shrinkTo: 12 },
  ];
  const rows = sources.map(({ source, receivedAt, stale }) => [
    source,
    receivedAt?.toISOString() ?? "",
    stale ? "stale" : "",
    demands
      .filter((entry) => entry.source === source)
      .map(({ demand }) => `${demand?.workload}=${demand?.requestsPerSecond ?? 0}`)
      .join(", "),
  ]);
  return renderTable(columns, rows, context.stdout.columns || 120);
}

/** `apportion sources forget SOURCE` */
export function runSourcesForget(
  context: CliContext,
  source: string,
  flags: LiveFlags & { reason: string; author: string },
): Promise<number> {
  return withClient(flags, async (client) => {
    const { reason, author } = flags;
    await client.call((metadata, options, done: Callback<ForgetSourceResponse>) =>
      client.demand.forgetSource({ source, reason, author }, metadata, options, done),
    );
    context.stdout.write(`${printable(source)} is forgotten\n`);
    return EXIT_DONE;
  });
}
