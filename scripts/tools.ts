/** Builds the programs of others that tests run for real (Helm, Prometheus), where they are not in the cache. */
import { goTool } from "../test/tools/go-tool.ts";

for (const [module, program] of [
  ["prometheus", "promtool"],
  ["helm", "helm"],
] as const) {
  console.log(await goTool(module, program));
}
