import type { ListDemandResponse } from "../../gen/apportion/v1/demand.ts";
import type { ListInventoryResponse } from "../../gen/apportion/v1/inventory.ts";
import type { SourceHealth } from "../../gen/apportion/v1/report.ts";
import type { CliContext } from "../context.ts";
import { EXIT_DONE } from "../exit.ts";
import { renderTable } from "../view/table.ts";
import { printable } from "../view/text.ts";
import type { Callback } from "./client.ts";
import { type LiveFlags, withClient } from "./commands.ts";
import { toJson } from "./json.ts";

/** What a source reports, as flags say it. */
export const SOURCE_KINDS = ["demand", "inventory"] as const;

export interface SourceFlags extends LiveFlags {
  kind: (typeof SOURCE_KINDS)[number];
}

/** `apportion sources list` */
export function runSourcesList(context: CliContext, flags: SourceFlags): Promise<number> {
  return withClient(flags, async (client) => {
    const { sources, says } =
      flags.kind === "demand"
        ? demandSources(
            await client.call((metadata, options, done: Callback<ListDemandResponse>) =>
              client.demand.listDemand({}, metadata, options, done),
            ),
          )
        : inventorySources(
            await client.call((metadata, options, done: Callback<ListInventoryResponse>) =>
              client.inventory.listInventory({}, metadata, options, done),
            ),
          );
    if (flags.format === "json") context.stdout.write(toJson(sources));
    else if (sources.length === 0) context.stdout.write("nobody has reported\n");
    else context.stdout.write(`${sourcesTable(sources, says, context)}\n`);
    return EXIT_DONE;
  });
}

/** Who reports, and what each says where that is known, under its title. */
interface Sources {
  sources: SourceHealth[];
  says?: { title: string; of: (source: string) => string };
}

function demandSources({ sources, demands }: ListDemandResponse): Sources {
  const of = (source: string): string =>
    demands
      .filter((entry) => entry.source === source)
      .map(({ demand }) => `${demand?.workload}=${demand?.requestsPerSecond ?? 0}`)
      .join(", ");
  return { sources, says: { title: "requests/s of", of } };
}

/** A list of nodes does not say whose they are. */
function inventorySources({ sources }: ListInventoryResponse): Sources {
  return { sources };
}

function sourcesTable(sources: SourceHealth[], says: Sources["says"], context: CliContext): string {
  const columns = [
    { title: "source", shrinkTo: 8 },
    { title: "last report" },
    { title: "" },
    ...(says === undefined ? [] : [{ title: says.title, shrinkTo: 12 }]),
  ];
  const rows = sources.map(({ source, receivedAt, stale }) => [
    source,
    receivedAt?.toISOString() ?? "",
    stale ? "stale" : "",
    ...(says === undefined ? [] : [says.of(source)]),
  ]);
  return renderTable(columns, rows, context.stdout.columns || 120);
}

/** `apportion sources forget SOURCE` */
export function runSourcesForget(
  context: CliContext,
  source: string,
  flags: SourceFlags & { reason: string; author: string },
): Promise<number> {
  return withClient(flags, async (client) => {
    const { reason, author, kind } = flags;
    const request = { source, reason, author };
    await client.call((metadata, options, done: Callback<object>) =>
      kind === "demand"
        ? client.demand.forgetSource(request, metadata, options, done)
        : client.inventory.forgetInventorySource(request, metadata, options, done),
    );
    context.stdout.write(`${printable(source)} is forgotten\n`);
    return EXIT_DONE;
  });
}
