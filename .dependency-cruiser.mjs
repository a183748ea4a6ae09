/**
 * Which room may import what. Reads from the inside out: domain, snapshot, model, plan, guard, actuation, status, ports, app are pure;
 * adapters, cli and bin touch the world. `test/architecture` plants a violation of every rule below.
 */

/** Each pure room with the rooms below it that it may import (its own files and the ones listed). */
const PURE_ROOMS = {
  domain: [],
  snapshot: ["domain"],
  import: ["domain", "snapshot", "model", "plan"],
  model: ["domain", "snapshot"],
  simulation: ["domain", "snapshot"],
  plan: ["domain", "snapshot", "model"],
  guard: ["domain", "snapshot", "model", "plan"],
  actuation: ["domain", "snapshot", "model", "plan", "guard"],
  status: ["domain", "snapshot", "model", "plan", "guard", "actuation"],
  ports: ["domain", "snapshot", "model", "plan", "guard", "actuation", "status"],
  app: ["domain", "snapshot", "import", "model", "simulation", "plan", "guard", "actuation", "status", "ports"],
};

/** npm packages that a pure room may import; none where a room is not listed. */
const PURE_ROOM_PACKAGES = { snapshot: ["zod"], import: ["zod"], app: ["zod"] };

/** Pure rooms that may import the solver, by its package name. */
const ROOMS_ABOVE_SOLVER = ["plan", "guard", "actuation", "status", "ports", "app", "adapters", "cli", "bin"];

const pure = Object.keys(PURE_ROOMS).join("|");
const NODE_CORE = { dependencyTypes: ["core"] };
const NPM = "(^|/)node_modules/";

const roomRules = Object.entries(PURE_ROOMS).map(([room, below]) => ({
  name: `room-${room}`,
  comment: `src/${room} imports only ${below.length === 0 ? "itself" : below.join(", ")}`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: "^src/", pathNot: `^src/(${[room, ...below].join("|")})/` },
}));

const packageRules = Object.keys(PURE_ROOMS).map((room) => {
  const allowed = PURE_ROOM_PACKAGES[room] ?? [];
  return {
    name: `packages-${room}`,
    comment: `src/${room} imports no npm package${allowed.length === 0 ? "" : ` but ${allowed.join(", ")}`}`,
    severity: "error",
    from: { path: `^src/${room}/` },
    to: { path: NPM, ...(allowed.length === 0 ? {} : { pathNot: `${NPM}(${allowed.join("|")})/` }) },
  };
});

const srcRules = [
  {
    name: "pure-no-node",
    comment: "the pure rooms neither read nor write: the same snapshot gives the same plan",
    severity: "error",
    from: { path: `^src/(${pure})/` },
    to: NODE_CORE,
  },
  {
    name: "ports-types-only",
    comment: "ports are interfaces: they import types",
    severity: "error",
    from: { path: "^src/ports/" },
    to: { path: "^src/", pathNot: "^src/ports/", dependencyTypesNot: ["type-only"] },
  },
  {
    name: "adapters-inward",
    comment: "adapters know ports and pure rooms, never who composes them",
    severity: "error",
    from: { path: "^src/adapters/" },
    to: { path: "^src/(app|cli|bin|web)/" },
  },
  {
    name: "adapters-apart",
    comment: "adapters never import each other",
    severity: "error",
    from: { path: "^src/adapters/([^/]+)/" },
    to: { path: "^src/adapters/", pathNot: "^src/adapters/$1/" },
  },
  {
    name: "grpc-sdk-at-the-edge",
    comment: "only the grpc adapter, the command line's client, what composes them and generated code know gRPC",
    severity: "error",
    from: { path: "^(src|solver)/", pathNot: "^src/(adapters/grpc|cli|bin|gen)/" },
    to: { path: `${NPM}(@grpc|grpc-health-check|@bufbuild)/` },
  },
  {
    name: "generated-code-at-the-edge",
    comment: "the wire format stays at the edge",
    severity: "error",
    // The dashboard takes the shapes of messages from it, and no code.
    from: { path: "^(src|solver)/", pathNot: "^src/(adapters/grpc|cli|bin|gen|web)/" },
    to: { path: "^src/gen/" },
  },
  {
    name: "generated-code-alone",
    comment: "generated code imports nothing of ours",
    severity: "error",
    from: { path: "^src/gen/" },
    to: { path: "^(src|solver)/", pathNot: "^src/gen/" },
  },
  {
    name: "cli-not-adapters",
    comment: "commands use the generated client and the pure rooms",
    severity: "error",
    from: { path: "^src/cli/" },
    to: { path: "^src/(adapters|bin|web)/" },
  },
  {
    name: "web-apart",
    comment:
      "the dashboard runs in a browser: it speaks with the service alone, and knows no more of it than the shapes of messages",
    severity: "error",
    from: { path: "^src/web/" },
    to: { path: "^src/", pathNot: "^src/(web|gen)/" },
  },
  {
    name: "web-types-only",
    comment: "of generated code the dashboard takes types",
    severity: "error",
    from: { path: "^src/web/" },
    to: { path: "^src/gen/", dependencyTypesNot: ["type-only"] },
  },
  {
    name: "bin-is-the-top",
    comment: "composition roots are imported by nobody",
    severity: "error",
    from: { path: "^(src|solver)/", pathNot: "^src/bin/" },
    to: { path: "^src/bin/" },
  },
  {
    name: "solver-by-its-name",
    comment: "the solver is entered at its index",
    severity: "error",
    from: { path: "^src/" },
    to: { path: "^solver/", pathNot: "^solver/src/index[.]ts$" },
  },
  {
    name: "solver-above-model",
    comment: "what the world is and what replicas can do does not depend on how a plan is found",
    severity: "error",
    from: { path: "^src/", pathNot: `^src/(${ROOMS_ABOVE_SOLVER.join("|")})/` },
    to: { path: "^solver/" },
  },
];

const solverRules = [
  {
    name: "solver-alone",
    comment: "the solver is a library of its own",
    severity: "error",
    from: { path: "^solver/" },
    to: { path: "^src/" },
  },
  {
    name: "solver-no-node",
    comment: "the solver has no I/O; only its engines start threads",
    severity: "error",
    from: { path: "^solver/src/", pathNot: "^solver/src/engines/" },
    to: NODE_CORE,
  },
  {
    name: "highs-in-its-engine",
    comment: "HiGHS is known to the engines, which run it in a thread with a kill timer",
    severity: "error",
    from: { path: "^solver/src/", pathNot: "^solver/src/engines/" },
    to: { path: `${NPM}highs/` },
  },
  {
    name: "checker-alone",
    comment: "the checker shares no code with what it checks: types of problem and plan, and its own files",
    severity: "error",
    from: { path: "^solver/src/verify/" },
    to: { pathNot: "^solver/src/(verify/|problem/types[.]ts$|plan/types[.]ts$|api[.]ts$)" },
  },
];

const generalRules = [
  {
    name: "no-cycles",
    comment: "no file depends on itself, not even for types",
    severity: "error",
    from: {},
    to: { circular: true },
  },
  {
    name: "no-unresolved",
    comment: "an import that leads nowhere is not checked by any rule",
    severity: "error",
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: "no-tests-in-source",
    comment: "source never imports tests or benchmarks",
    severity: "error",
    from: { path: "^(src|solver/src)/", pathNot: "[.]test[.]ts$" },
    to: { path: "^(test|solver/test|solver/bench|scripts)/|[.]test[.]ts$" },
  },
];

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [...roomRules, ...packageRules, ...srcRules, ...solverRules, ...generalRules],
  options: {
    doNotFollow: { path: NPM },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
