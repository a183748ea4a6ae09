import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { goTool } from "../tools/go-tool.ts";

export const CHART = fileURLToPath(new URL("../../deploy/chart/apportion", import.meta.url));
export const DEFAULT_MANIFESTS = new URL("../../deploy/manifests/apportion.yaml", import.meta.url);
/** What the manifests are made for; the chart itself needs 1.30. */
const KUBE_VERSION = "1.34";

/** Runs Helm; its standard output. @throws Error with what Helm said, or that there is no Helm */
export async function helm(...args: string[]): Promise<string> {
  return execFileSync(await goTool("helm", "helm"), args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** The chart as release and in namespace `apportion`. @param values as `--set` takes them */
export function renderedChart(...values: string[]): Promise<string> {
  const set = values.flatMap((value) => ["--set", value]);
  return helm("template", "apportion", CHART, "--namespace", "apportion", "--kube-version", KUBE_VERSION, ...set);
}
