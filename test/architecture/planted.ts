import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** For each rule a file that breaks it, and what that file imports. */
export const PLANTED: Record<string, { file: string; text: string }> = {
  "room-domain": { file: "src/domain/bad.ts", text: 'import "../snapshot/ok.ts";' },
  "room-snapshot": { file: "src/snapshot/bad.ts", text: 'import "../model/ok.ts";' },
  "room-import": { file: "src/import/bad.ts", text: 'import "../guard/ok.ts";' },
  "room-model": { file: "src/model/bad.ts", text: 'import "../plan/ok.ts";' },
  "room-simulation": { file: "src/simulation/bad.ts", text: 'import "../model/ok.ts";' },
  "room-plan": { file: "src/plan/bad.ts", text: 'import "../guard/ok.ts";' },
  "room-guard": { file: "src/guard/bad.ts", text: 'import "../actuation/ok.ts";' },
  "room-actuation": { file: "src/actuation/bad.ts", text: 'import "../status/ok.ts";' },
  "room-status": {
    file: "src/status/bad.ts",
    text: 'import type { Ok } from "../ports/ok.ts"; export const bad: Ok = 1;',
  },
  "room-ports": { file: "src/ports/bad.ts", text: 'import type { Ok } from "../app/ok.ts"; export type Bad = Ok;' },
  "room-app": { file: "src/app/bad.ts", text: 'import "../adapters/sim/ok.ts";' },
  "packages-domain": { file: "src/domain/bad-package.ts", text: 'import "zod";' },
  "packages-snapshot": { file: "src/snapshot/bad-package.ts", text: 'import "pino";' },
  "packages-import": { file: "src/import/bad-package.ts", text: 'import "pino";' },
  "packages-model": { file: "src/model/bad-package.ts", text: 'import "zod";' },
  "packages-simulation": { file: "src/simulation/bad-package.ts", text: 'import "zod";' },
  "packages-plan": { file: "src/plan/bad-package.ts", text: 'import "zod";' },
  "packages-guard": { file: "src/guard/bad-package.ts", text: 'import "zod";' },
  "packages-actuation": { file: "src/actuation/bad-package.ts", text: 'import "zod";' },
  "packages-status": { file: "src/status/bad-package.ts", text: 'import "zod";' },
  "packages-ports": { file: "src/ports/bad-package.ts", text: 'import "zod";' },
  "packages-app": { file: "src/app/bad-package.ts", text: 'import "pino";' },
  "pure-no-node": { file: "src/model/bad-node.ts", text: 'import "node:fs";' },
  "ports-types-only": { file: "src/ports/bad-value.ts", text: 'import "../domain/ok.ts";' },
  "adapters-inward": { file: "src/adapters/grpc/bad-app.ts", text: 'import "../../app/ok.ts";' },
  "adapters-apart": { file: "src/adapters/grpc/bad-sim.ts", text: 'import "../sim/ok.ts";' },
  "grpc-sdk-at-the-edge": { file: "src/adapters/sim/bad-sdk.ts", text: 'import "@grpc/grpc-js";' },
  "generated-code-at-the-edge": { file: "src/adapters/sim/bad-gen.ts", text: 'import "../../gen/ok.ts";' },
  "generated-code-alone": { file: "src/gen/bad.ts", text: 'import "../domain/ok.ts";' },
  "cli-not-adapters": { file: "src/cli/bad.ts", text: 'import "../adapters/sim/ok.ts";' },
  "web-apart": { file: "src/web/bad.ts", text: 'import "../domain/ok.ts";' },
  "web-types-only": { file: "src/web/bad-gen.ts", text: 'import "../gen/ok.ts";' },
  "bin-is-the-top": { file: "src/adapters/sim/bad-bin.ts", text: 'import "../../bin/ok.ts";' },
  "solver-by-its-name": { file: "src/plan/bad-solver.ts", text: 'import "../../solver/src/problem/types.ts";' },
  "solver-above-model": { file: "src/model/bad-solver.ts", text: 'import "../../solver/src/index.ts";' },
  "solver-alone": { file: "solver/src/report/bad.ts", text: 'import "../../../src/domain/ok.ts";' },
  "solver-no-node": { file: "solver/src/report/bad-node.ts", text: 'import "node:fs";' },
  "highs-in-its-engine": { file: "solver/src/report/bad-package.ts", text: 'import "highs";' },
  "checker-alone": { file: "solver/src/verify/bad.ts", text: 'import "../engines/ok.ts";' },
  "no-cycles": {
    file: "src/domain/bad-cycle.ts",
    text: 'import type { Two } from "./two.ts"; export type One = Two | 1;',
  },
  "no-unresolved": { file: "src/domain/bad-missing.ts", text: 'import "./nowhere.ts";' },
  "no-tests-in-source": { file: "src/domain/bad-test.ts", text: 'import "../../test/ok.ts";' },
};

/** Files that break nothing and that the planted ones import. */
const SOUND: Record<string, string> = {
  "src/domain/two.ts": 'import type { One } from "./bad-cycle.ts"; export type Two = One | 2;',
  "solver/src/index.ts": 'export type { Problem } from "./problem/types.ts";',
  "solver/src/problem/types.ts": "export type Problem = 1;",
  "solver/src/verify/ok.ts": 'import type { Problem } from "../problem/types.ts"; export type Ok = Problem;',
  "src/app/ok-zod.ts": 'import "zod";',
};

const ROOMS = [
  ...[
    "domain",
    "snapshot",
    "import",
    "model",
    "simulation",
    "plan",
    "guard",
    "actuation",
    "status",
    "ports",
    "app",
  ].map((room) => `src/${room}`),
  ...["src/gen", "src/cli", "src/bin", "src/adapters/sim", "solver/src/engines", "test"],
];
const PACKAGES = ["zod", "pino", "highs", "@grpc/grpc-js"];

/** Builds a small house of sound rooms below `dir`, then plants every violation in it. */
export function plantAll(dir: string): void {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), `${text}\n`);
  };
  for (const room of ROOMS) write(`${room}/ok.ts`, "export type Ok = 1;");
  for (const [path, text] of Object.entries(SOUND)) write(path, text);
  for (const name of PACKAGES) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
    write(`node_modules/${name}/index.js`, "module.exports = {};");
  }
  for (const { file, text } of Object.values(PLANTED)) write(file, text);
}
