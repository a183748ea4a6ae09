import { createInterface } from "node:readline";
import { credentials, status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { PlacementServiceClient, SolveRequest } from "../../src/gen/apportion/v1/placement.ts";
import { promised } from "../grpc/service.ts";
import { apportion, problems, start } from "./apportion.ts";

/** Starts the service and reads what it says until it is ready. */
async function serve(args: string[]) {
  const child = start(["serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", ...args]);
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
  // Not SIGKILL: the shim could not pass it on, and the service would live on.
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await exited;
  });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (!line.startsWith("Ctrl-C")) continue;
    const address = /^gRPC listens on (\S+) /m.exec(lines.join("\n"))?.[1] ?? "nowhere";
    return { child, exited, lines, address, errors: () => errors };
  }
  throw new Error(`ended early: ${errors}`);
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "plans a file, says where it listens, answers, ends on %s",
  async (signal) => {
    const { child, exited, lines, address, errors } = await serve([`${problems}/two-workloads.yaml`]);
    expect(lines[0]).toMatch(/^optimal: cost 40\/h/);
    const client = new PlacementServiceClient(address, credentials.createInsecure());
    const request = SolveRequest.fromPartial({ input: { $case: "document", value: "kind: x" } });
    await expect(promised((callback) => client.solve(request, callback))).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
    client.close();
    const http = /^HTTP listens on (\S+) /m.exec(lines.join("\n"))?.[1];
    expect(await (await fetch(`http://${http}/readyz`)).text()).toBe("ready: solves\n");
    child.kill(signal);
    expect(await exited).toBe(0);
    const log = errors()
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
    expect(log.map((line) => line.msg)).toEqual(["listening", "HTTP listening", "call", "stopped"]);
  },
);

test("--example plans the example that ships with it, and says what to try next", async () => {
  const { child, exited, lines } = await serve(["--example", "--log-level", "silent"]);
  expect(lines[0]).toMatch(/^(optimal|feasible): cost /);
  expect(lines.filter((line) => /^ {2}(npx|grpcurl) /.test(line))).toHaveLength(3);
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
});

test.each([
  [["serve", "--listen", "0.0.0.0:0"], /--tls-cert.*--insecure-listen/],
  [["serve", "--listen", "nowhere"], /--listen/],
  [["serve", "--tls-cert", "cert.pem"], /belong together/],
  [["serve", "--tls-client-ca", "ca.pem"], /needs TLS/],
  [["serve", "--client-rights", "rights.yaml"], /belong together/],
  [["serve", "--auth-audience", "me"], /--auth kubernetes/],
  [["serve", "--auth", "magic"], /kubernetes/],
  [["serve", "--listen", "127.0.0.1:0", "--http", "8080"], /--http "8080".*host:port/],
  [["serve", "--tls-cert", "nowhere.pem", "--tls-key", "nowhere.pem", "--listen", "127.0.0.1:0"], /nowhere\.pem/],
  [["serve", `${problems}/two-workloads.yaml`, "--example"], /one of them/],
  [["serve", "nowhere.yaml"], /no such file/],
  [["serve", "--live"], /give it as FILE/],
  [["serve", "--live", "--example"], /give it as FILE/],
  [["serve", "examples/fleet.snapshot.yaml", "--live", "--kubernetes"], /neither --kubernetes/],
  [["serve", `${problems}/two-workloads.yaml`, "--live"], /two-workloads\.yaml: kind is .*Snapshot/],
])("%j is refused with exit code 2", async (args, message) => {
  const { code, stderr } = await apportion(args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test("a port that is taken is refused with exit code 2", async () => {
  const { address } = await serve(["--log-level", "silent"]);
  const { code, stderr } = await apportion(["serve", "--listen", address]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/EADDRINUSE|address already in use/);
});
