import { sizeReplicas } from "../../app/size-replicas.ts";
import type { CliContext } from "../context.ts";
import { loadDocument, unwrap } from "../documents.ts";
import { EXIT_DONE, EXIT_NOT_MET } from "../exit.ts";
import type { Format } from "../solve-options.ts";
import { latencyCharts } from "../view/latency-chart.ts";
import { sizeView } from "../view/size-view.ts";

/** Points of a curve in JSON; a chart has one for each column. */
const CURVE_POINTS = 50;

export interface SizeFlags {
  format: Format;
  curve: boolean;
}

/** `apportion size FILE`: what one replica serves inside its SLO. Exit code 1 where a target cannot be met at any rate. */
export async function runSize(context: CliContext, file: string, { format, curve }: SizeFlags): Promise<number> {
  const document = await loadDocument(context, file);
  const sized = unwrap(file, sizeReplicas(document, curve ? CURVE_POINTS : 0));
  if (format === "json") context.stdout.write(`${JSON.stringify(sized, null, 2)}\n`);
  else {
    context.stdout.write(sizeView(sized, context.stdout));
    if (curve) context.stdout.write(latencyCharts(sized, context.stdout));
  }
  return sized.replicas.some((replica) => replica.unreachable !== undefined) ? EXIT_NOT_MET : EXIT_DONE;
}
