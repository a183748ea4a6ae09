/**
 * Ends a lab when the process that started it ends, however that happened: its end of the pipe closes then, even after
 * SIGKILL. Called with the lab's directory; outlives its parent, so it is in a group of its own and ignores what ends others.
 */
import { destroyLab } from "./state.ts";

const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error("keeper: no directory given");
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.stdin.on("error", () => {});
process.stdin.on("close", () => destroyLab(dir));
process.stdin.resume();
