import { parseSignalConfig } from "../../src/adapters/prometheus/config/parse.ts";
import type { SignalConfig } from "../../src/adapters/prometheus/config/schema.ts";

/** A configuration with its defaults; throws where it is refused. */
export function configOf(fields: Record<string, unknown>): SignalConfig {
  const parsed = parseSignalConfig({ apiVersion: "apportion.dev/v1", kind: "SignalConfig", ...fields });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.violations));
  return parsed.value;
}
