import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const page = (name: string) => readFileSync(`${ROOT}/docs/reference/${name}`, "utf8");

test("the API reference is what the protos and the CRDs say", () => {
  const run = spawnSync(process.execPath, ["scripts/api-docs.ts", "check"], { cwd: ROOT, encoding: "utf8" });
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
});

test("the API reference has services, methods, comments and fields", () => {
  const grpc = page("grpc.md");
  expect(grpc).toContain("### DemandService");
  expect(grpc).toMatch(/`ExchangeDemand` +\| stream of .*\| stream of .*each acknowledged in its turn/);
  expect(grpc).toMatch(/`requests_per_second` +\| 2 +\| optional double +\| Offered load/);
  expect(grpc).toContain("`REPORT_OUTCOME_SUPERSEDED`");
  const crds = page("crds.md");
  for (const kind of ["VariantAutoscaling", "ServiceClass", "PlacementPolicy", "PlacementOverride"]) {
    expect(crds).toContain(`## ${kind}`);
  }
  expect(crds).toMatch(/`pools\[\]\.pricePerDeviceHour` +\| number, 0 to 1000000000 +\| `0`/);
});
