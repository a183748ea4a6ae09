/**
 * A Kubernetes control plane on this machine, without containers: `npm run lab` starts one with a few GPU nodes,
 * `npm run lab:down` stops it, `npm run lab:build` only makes sure that its binaries are there. See docs/lab.md.
 */
import { existsSync } from "node:fs";
import { obtainBinaries } from "../test/cluster/lab/binaries.ts";
import { COMPONENTS } from "../test/cluster/lab/components.ts";
import { labFiles } from "../test/cluster/lab/files.ts";
import { startLab } from "../test/cluster/lab/lab.ts";
import { ACCELERATORS, type Accelerator, acceleratorNodes } from "../test/cluster/lab/objects.ts";
import { destroyLab, runningPids, standingDir } from "../test/cluster/lab/state.ts";

/** Nodes of each accelerator. */
const NODES: Record<Accelerator, number> = { h100: 3, l40s: 2, mi300x: 2 };

/** As long as a small model takes to load, at the speed of a demonstration. */
const READY_DELAY_MS = 3000;

/** Path for a shell: quoted only where it has to be. */
function shellWord(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** A lab that is half started is of no use to anybody. */
function destroyOnSignal(dir: string): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      destroyLab(dir);
      process.exit(1);
    });
  }
}

async function up(): Promise<void> {
  const dir = standingDir();
  if (runningPids(dir).length === COMPONENTS.length) {
    console.log("the lab runs already; `npm run lab:down` stops it\n");
  } else {
    const binaries = await obtainBinaries(console.log);
    console.log(`control plane: ${binaries.source}`);
    destroyOnSignal(dir);
    const names = Object.keys(NODES) as Accelerator[];
    const nodes = names.flatMap((name) => acceleratorNodes(name, NODES[name]));
    await startLab({ dir, nodes, binaries, readyDelayMs: READY_DELAY_MS, deleteDelayMs: 1000 });
    for (const name of names) {
      const { product, resource, count } = ACCELERATORS[name];
      console.log(`  ${NODES[name]} nodes of ${count} × ${product} (${resource})`);
    }
  }
  console.log(`export KUBECONFIG=${shellWord(labFiles(dir).kubeconfig)}`);
}

function down(): void {
  const dir = standingDir();
  const running = runningPids(dir).length;
  const there = existsSync(dir);
  destroyLab(dir);
  console.log(there ? `the lab is stopped (${running} processes ended), its state removed` : "no lab is there");
}

async function build(): Promise<void> {
  console.log(`control plane: ${(await obtainBinaries(console.log)).source}`);
}

const commands: Record<string, () => void | Promise<void>> = { up, down, build };
const run = commands[process.argv[2] ?? "up"];
try {
  if (!run) throw new Error(`usage: lab.ts ${Object.keys(commands).join(" | ")}`);
  await run();
  // What a standing lab is connected with must not hold this process.
  process.exit(0);
} catch (error) {
  console.error(`lab: ${(error as Error).message}`);
  process.exit(1);
}
