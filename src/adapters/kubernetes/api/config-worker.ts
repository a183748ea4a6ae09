/** Reads configurations with the SDK; what the SDK takes of memory ends with this thread. */
import { parentPort } from "node:worker_threads";
import { type ConnectionOptions, type ConnectionSettings, loadConfig } from "./sdk-config.ts";

export interface ConfigQuestion {
  id: number;
  options: ConnectionOptions;
}

/** `settings` are missing where the SDK is needed for more than reading. */
export type ConfigAnswer = { id: number } & ({ settings?: ConnectionSettings } | { error: string });

async function answer({ id, options }: ConfigQuestion): Promise<ConfigAnswer> {
  try {
    const { settings, needsSdk } = await loadConfig(options);
    return needsSdk ? { id } : { id, settings };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", async (question: ConfigQuestion) => parentPort?.postMessage(await answer(question)));
