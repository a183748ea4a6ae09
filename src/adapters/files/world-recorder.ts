import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What `apportion plan` reads back. */
const NAME = /^world-\d{15}\.json$/;

/**
 * Keeps the last worlds of a service, one file for each cycle, so that any of them can be planned again.
 *
 * @param keep files; older ones are deleted
 */
export function worldRecorder(directory: string, keep: number): (world: { takenAtMs: number }) => Promise<void> {
  return async (world) => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, `world-${String(Math.round(world.takenAtMs)).padStart(15, "0")}.json`);
    // In two steps, so that nobody reads half of one.
    await writeFile(`${path}.tmp`, `${JSON.stringify(world)}\n`, { mode: 0o600 });
    await rename(`${path}.tmp`, path);
    const names = (await readdir(directory)).filter((name) => NAME.test(name)).sort();
    for (const name of names.slice(0, Math.max(0, names.length - keep))) await rm(join(directory, name));
  };
}
