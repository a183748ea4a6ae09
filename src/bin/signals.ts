import { readDocumentText } from "../adapters/files/document-text.ts";
import { readTextFile } from "../adapters/files/read-file.ts";
import { InputError } from "../domain/input-error.ts";
import type { Parsed } from "../domain/violation.ts";
import type { SignalSource } from "../ports/signals.ts";

/** The sources of a SignalConfig. @throws Error that names the file and what is wrong with it */
export async function openSignals(file: string): Promise<SignalSource> {
  // The grammar of PromQL is theirs alone.
  const { parseSignalConfig } = await import("../adapters/prometheus/config/parse.ts");
  const { createSignalSource } = await import("../adapters/prometheus/collect-signals.ts");
  try {
    const document = unwrapped(readDocumentText(await readTextFile(file, process.stdin)));
    return createSignalSource(unwrapped(parseSignalConfig(document)));
  } catch (error) {
    throw new Error(`--signals ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unwrapped<T>(read: Parsed<T>): T {
  if (read.ok) return read.value;
  throw new InputError(read.violations);
}
