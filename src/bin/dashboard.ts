import { fileURLToPath } from "node:url";
import { readAssets } from "../adapters/http/assets.ts";
import type { ServeOptions } from "../cli/context.ts";
import type { JsonCalls } from "../ports/json-calls.ts";
import type { Parts } from "./monitoring.ts";

/** Made by `npm run web:build`, which `npm ci` runs. */
const DIRECTORY = fileURLToPath(new URL("../../dist/web", import.meta.url));

/** The dashboard, and the calls that it makes. */
export function dashboard(calls: JsonCalls, { insecureListen }: ServeOptions): Pick<Parts, "calls" | "assets"> {
  return { calls: { calls, anyPeer: insecureListen }, assets: readAssets(DIRECTORY) };
}
