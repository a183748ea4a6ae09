import type { Parsed } from "../../domain/violation.ts";
import { importInferno } from "../../import/inferno/import.ts";
import { importMelange } from "../../import/melange/import.ts";
import type { CliContext } from "../context.ts";
import { loadDocument, unwrap } from "../documents.ts";
import { EXIT_DONE } from "../exit.ts";
import { printable } from "../view/text.ts";

export type ImportFormat = "inferno" | "melange";

/** A converted document, and what a person should know of the translation. */
interface Imported {
  document: unknown;
  notes: string[];
}

/**
 * `apportion import inferno|melange FILE`: the converted document alone on standard output, notes on standard error.
 */
export async function runImport(
  context: CliContext,
  from: ImportFormat,
  file: string,
  flags: { format: "yaml" | "json" },
): Promise<number> {
  const { document, notes } = unwrap(file, convert(from, await loadDocument(context, file)));
  for (const note of notes) context.stderr.write(`apportion: ${printable(note)}\n`);
  context.stdout.write(flags.format === "json" ? `${JSON.stringify(document, null, 2)}\n` : context.toYaml(document));
  return EXIT_DONE;
}

function convert(from: ImportFormat, value: unknown): Parsed<Imported> {
  if (from === "melange") {
    const melange = importMelange(value);
    return melange.ok ? { ok: true, value: { document: melange.value.problem, notes: melange.value.notes } } : melange;
  }
  const inferno = importInferno(value);
  return inferno.ok ? { ok: true, value: { document: inferno.value.snapshot, notes: inferno.value.notes } } : inferno;
}
