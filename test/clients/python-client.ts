import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const HERE = dirname(fileURLToPath(import.meta.url));
const PROTOS = join(HERE, "../../proto");
const REQUIREMENTS = join(HERE, "requirements.txt");

/** Files that a client of the service needs; google.rpc is for the details of errors. */
const SOURCES = [
  ...["report", "problem", "plan", "live", "fleet", "placement", "demand", "inventory", "override", "errors"].map(
    (name) => `apportion/v1/${name}.proto`,
  ),
];

export interface PythonClient {
  /** Runs a script of this directory to its end, and answers with the JSON that it printed. */
  run(script: string, ...args: string[]): Promise<unknown>;
  remove(): void;
}

/**
 * A Python with what pip installs from the requirements, and the clients that `grpc_tools.protoc` generates from the
 * protos. The virtual environment is kept in the cache; the generated code is made anew.
 *
 * @throws Error that says what of Python is missing
 */
export async function pythonClient(): Promise<PythonClient> {
  const python = await virtualEnvironment();
  const generated = mkdtempSync(join(cacheDir(), "generated-"));
  const args = [
    "-m",
    "grpc_tools.protoc",
    `-I${PROTOS}`,
    `--python_out=${generated}`,
    `--grpc_python_out=${generated}`,
  ];
  await run(python, [...args, ...SOURCES.map((name) => join(PROTOS, name))]);
  return {
    run: async (script, ...more) => {
      const env = { ...process.env, PYTHONPATH: generated, PYTHONDONTWRITEBYTECODE: "1" };
      const { stdout } = await run(python, [join(HERE, script), ...more], { env, timeout: 120_000 });
      return JSON.parse(stdout);
    },
    remove: () => rmSync(generated, { recursive: true, force: true }),
  };
}

function cacheDir(): string {
  const dir = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "apportion/python");
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** Path of the Python of the environment, which is made where it is not in the cache. */
async function virtualEnvironment(): Promise<string> {
  const version = await plainly("python3 is missing: the test of the Python client needs Python 3.10 or later", () =>
    run("python3", ["-c", "import sys; print(sys.version, sys.executable)"]),
  );
  const hash = createHash("sha256").update(version.stdout).update(readFileSync(REQUIREMENTS)).digest("hex");
  const dir = join(cacheDir(), hash.slice(0, 16));
  const python = join(dir, "bin/python");
  if (existsSync(python)) return python;
  // Made beside its place: an environment that is half installed is never found. It is run by path, so it may move.
  const scratch = mkdtempSync(join(cacheDir(), "making-"));
  try {
    await plainly("python3 has no venv with pip (on Debian: the package python3-venv)", () =>
      run("python3", ["-m", "venv", scratch]),
    );
    await plainly("pip cannot install test/clients/requirements.txt: is a package index reachable?", () =>
      run(join(scratch, "bin/python"), ["-m", "pip", "install", "--quiet", "--no-deps", "-r", REQUIREMENTS]),
    );
    renameSync(scratch, dir);
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true });
    // Another process may have been faster.
    if (!existsSync(python)) throw error;
  }
  return python;
}

async function plainly<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`${what}\n${stderr || message}`);
  }
}
