import { replayDocument, replayWorld } from "../../app/live/replay.ts";
import type { CliContext } from "../context.ts";
import { unwrap } from "../documents.ts";
import { EXIT_DONE, EXIT_NOT_MET } from "../exit.ts";
import type { Format } from "../solve-options.ts";
import { decisionView } from "../view/decision-view.ts";

const FALLBACK_WIDTH = 80;

/** `apportion plan FILE` of a world that `serve --record` kept: the same decision once more. Exit code 1 where it holds. */
export async function planWorld(context: CliContext, file: string, document: unknown, format: Format): Promise<number> {
  const outcome = unwrap(file, await replayWorld(context.placement, document));
  const { decision, bounds, order, revision } = outcome;
  if (format === "json") {
    context.stdout.write(`${JSON.stringify(replayDocument(outcome), null, 2)}\n`);
  } else {
    const variants = [...bounds].map(([name, range]) => ({
      name,
      ...range,
      decided: decision.counts[name] ?? range.asked,
      notes: [...range.notes, ...(decision.variantNotes[name] ?? [])],
    }));
    const notes = decision.notes.map(({ code, sentence }) => `${code}: ${sentence}`);
    const steps = order.steps.map(({ title, changes }, index) => {
      const texts = changes.map(({ variant, from, to }) => `${variant} ${from} → ${to}`);
      return `${index + 1}. ${title}: ${texts.join(", ")}`;
    });
    const later = order.deferred.map(({ change, note }) => `later: ${change.variant} → ${change.to}, ${note.sentence}`);
    const lines = ["", `plan ${revision}`, ...notes, ...steps, ...later];
    context.stdout.write(decisionView(variants, lines, context.stdout.columns || FALLBACK_WIDTH));
  }
  return decision.held === undefined ? EXIT_DONE : EXIT_NOT_MET;
}
