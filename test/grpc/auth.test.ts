import { copyFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { rightOf } from "../../src/adapters/grpc/auth-rights.ts";
import { CertificateFiles } from "../../src/adapters/grpc/certificates.ts";
import type { FleetParts } from "../../src/adapters/grpc/server.ts";
import { CertificateAccess } from "../../src/app/access/certificate-access.ts";
import type { ClientRights } from "../../src/app/access/client-rights.ts";
import { DemandServiceClient, DemandServiceService } from "../../src/gen/apportion/v1/demand.ts";
import { InventoryServiceService } from "../../src/gen/apportion/v1/inventory.ts";
import { OverrideServiceClient, OverrideServiceService, OverrideSpec } from "../../src/gen/apportion/v1/override.ts";
import { PlacementServiceClient, PlacementServiceService, SolveRequest } from "../../src/gen/apportion/v1/placement.ts";
import { ExternalScalerService } from "../../src/gen/externalscaler/externalscaler.ts";
import type { Access, Right } from "../../src/ports/access.ts";
import type { Live } from "../../src/ports/live.ts";
import { type CertificatePair, makeAuthority } from "../tls/certificates.ts";
import { failure, promised, startService } from "./service.ts";

const authority = makeAuthority();
const stranger = makeAuthority();
const server = authority.sign("/CN=apportion", "IP:127.0.0.1,DNS:localhost");
const ada = authority.sign("/CN=ada");
const eve = authority.sign("/CN=eve");
const spiffe = authority.sign("/O=nobody", "URI:spiffe://prod/reporter,DNS:eve");
const twoNames = authority.sign("/CN=ada/CN=eve");
const foreign = stranger.sign("/CN=ada");
afterAll(() => {
  authority.remove();
  stranger.remove();
});

const RIGHTS: ClientRights = new Map<string, ReadonlySet<Right>>([
  ["ada", new Set<Right>(["read", "override"])],
  ["eve", new Set<Right>(["read"])],
  ["spiffe://prod/reporter", new Set<Right>(["report"])],
]);

const TLS = { certFile: server.certFile, keyFile: server.keyFile, clientCaFile: authority.certFile };

/** A fleet that keeps what it is asked to do. */
function fleet(): { parts: FleetParts; done: unknown[][] } {
  const done: unknown[][] = [];
  const take =
    (name: string) =>
    async (...args: unknown[]) => {
      done.push([name, ...args]);
      const [spec] = args as [object];
      return { ...spec, id: "o1", createdAtMs: 0, effect: "" };
    };
  const live = {
    setOverride: take("set"),
    clearOverride: take("clear"),
    approve: take("approve"),
    listOverrides: async () => [],
    watch: () => () => undefined,
  } as unknown as Live;
  const intake = {
    report: async ({ source, sequence }: { source: string; sequence: bigint }) => {
      done.push(["report", source]);
      return { source, sequence, outcome: "applied" as const, lastSequence: sequence };
    },
    sources: () => [],
    entries: () => [],
  };
  return { parts: { live, demand: intake, inventory: intake, staleAfterMs: () => 60_000 }, done };
}

async function serve(access: Access = new CertificateAccess(RIGHTS), recheckMs?: number) {
  const { parts, done } = fleet();
  const service = await startService(undefined, { listen: "0.0.0.0:0", tls: TLS, access, recheckMs, fleet: parts });
  const address = service.server.address.replace("0.0.0.0", "localhost");
  const channel = (pair?: CertificatePair) =>
    pair === undefined
      ? credentials.createSsl(authority.certificate)
      : credentials.createSsl(authority.certificate, pair.key, pair.certificate);
  const closed = <T extends Client>(client: T): T => {
    onTestFinished(() => client.close());
    return client;
  };
  return {
    done,
    log: service.log,
    override: (pair?: CertificatePair) => closed(new OverrideServiceClient(address, channel(pair))),
    demand: (pair?: CertificatePair) => closed(new DemandServiceClient(address, channel(pair))),
    placement: (pair?: CertificatePair) => closed(new PlacementServiceClient(address, channel(pair))),
    raw: () => closed(new Client(address, channel())),
  };
}

const SPEC = OverrideSpec.fromPartial({
  type: "OVERRIDE_TYPE_FREEZE",
  subjectKind: "OVERRIDE_SUBJECT_KIND_VARIANT",
  subject: "default/chat",
  reason: "incident",
  author: "somebody else",
});

const set = (client: OverrideServiceClient) => promised((done) => client.setOverride({ spec: SPEC }, done));
const list = (client: OverrideServiceClient) => promised((done) => client.listOverrides({}, done));
const report = (client: DemandServiceClient) => {
  const header = { source: "s", sequence: 1n, reportedAt: undefined };
  const demands = [{ workload: "default/chat", requestsPerSecond: 1, tokenMix: undefined }];
  return promised((done) => client.reportDemand({ report: { header, demands } }, done));
};

describe("client certificates", () => {
  test("the author is the certificate's name, whatever the message says", async () => {
    const { override, done } = await serve();
    const client = override(ada);
    await set(client);
    await promised((answer) => client.clearOverride({ id: "o1", reason: "over", author: "somebody else" }, answer));
    await promised((answer) => client.approvePlan({ revision: 7n, reason: "fine", author: "" }, answer));
    expect(done).toMatchObject([
      ["set", { author: "ada", reason: "incident" }],
      ["clear", "o1", "over", "ada"],
      ["approve", 7, "fine", "ada"],
    ]);
  });

  test("rights are separate: who reads may not override, who reports may not read", async () => {
    const { override, demand, done } = await serve();
    await list(override(eve));
    const denied = await failure(set(override(eve)));
    expect(denied).toMatchObject({ code: status.PERMISSION_DENIED });
    expect(denied.details).toBe("eve may not override; give eve the right override in the file of --client-rights");
    expect(await failure(report(demand(eve)))).toMatchObject({ code: status.PERMISSION_DENIED });
    await report(demand(spiffe));
    for (const call of [list(override(spiffe)), set(override(spiffe))]) {
      expect(await failure(call)).toMatchObject({ code: status.PERMISSION_DENIED });
    }
    expect(done).toEqual([["report", "s"]]);
  });

  test("without a certificate, with one of a stranger, or with two names: nobody", async () => {
    const { override, done, log } = await serve();
    for (const pair of [undefined, foreign, twoNames]) {
      const error = await failure(set(override(pair)));
      expect(error).toMatchObject({ code: status.UNAUTHENTICATED });
      expect(error.details).toContain("show a client certificate");
    }
    expect(done).toEqual([]);
    expect(log.filter((line) => line.message === "call refused")).toHaveLength(3);
  });

  test("a solve is a right of its own, and a stream is refused like any call", async () => {
    const { placement } = await serve();
    const client = placement(ada);
    const request = SolveRequest.fromPartial({});
    const solve = promised((done) => client.solve(request, done));
    expect(await failure(solve)).toMatchObject({ code: status.PERMISSION_DENIED });
    const { promise, resolve } = Promise.withResolvers<ServiceError>();
    client
      .solveStream(request)
      .on("data", () => undefined)
      .on("error", resolve);
    expect(await promise).toMatchObject({ code: status.PERMISSION_DENIED });
  });

  test("health needs no right", async () => {
    const { raw } = await serve();
    const bytes = (buffer: Buffer) => buffer;
    const path = "/grpc.health.v1.Health/Check";
    const answer = await promised<Buffer | undefined>((done) =>
      raw().makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), done),
    );
    expect([...(answer ?? [])]).toEqual([8, 1]);
  });

  test("what nobody says who may is open to nobody", async () => {
    const services = [
      PlacementServiceService,
      DemandServiceService,
      InventoryServiceService,
      OverrideServiceService,
      ExternalScalerService,
    ];
    const paths = services.flatMap((service) => Object.values(service).map((method) => method.path));
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => rightOf(path) === undefined || rightOf(path) === "open")).toEqual([]);
    expect(rightOf("/apportion.v1.PlacementService/Unknown")).toBeUndefined();
  });
});

describe("tokens", () => {
  /** `good` is ada's. */
  const tokens = (may: () => boolean = () => true): Access & { seen: (string | undefined)[] } => {
    const seen: (string | undefined)[] = [];
    return {
      seen,
      howTo: "a token",
      authenticate: async ({ bearerToken }) => {
        seen.push(bearerToken);
        if (bearerToken === "broken") throw new Error("the API server does not answer");
        return bearerToken === "good" ? { name: "ada", provedBy: "kubernetes" } : undefined;
      },
      authorize: async () => may(),
      fix: () => "bind a role",
    };
  };
  const withToken = (...values: string[]): Metadata => {
    const metadata = new Metadata();
    for (const value of values) metadata.add("authorization", value);
    return metadata;
  };

  test.each([
    ["none", []],
    ["another scheme", ["Basic good"]],
    ["an unknown one", ["Bearer other"]],
    ["one that is too long", [`Bearer ${"a".repeat(16 * 1024 + 1)}`]],
  ])("%s: unauthenticated, and no log line holds it", async (_name, values) => {
    const { override, log } = await serve(tokens());
    const client = override();
    const call = promised((done) => client.listOverrides({}, withToken(...values), done));
    expect(await failure(call)).toMatchObject({ code: status.UNAUTHENTICATED });
    for (const value of values) expect(JSON.stringify(log)).not.toContain(value.slice(6));
  });

  test("a good one is let in; where it cannot be told, nobody is", async () => {
    const { override } = await serve(tokens());
    const client = override();
    await promised((done) => client.listOverrides({}, withToken("Bearer good"), done));
    const error = await failure(promised((done) => client.listOverrides({}, withToken("Bearer broken"), done)));
    expect(error).toMatchObject({ code: status.UNAVAILABLE });
    expect(error.details).toContain("the API server does not answer");
  });

  test("a stream ends when the right is taken away", async () => {
    let may = true;
    const { placement } = await serve(
      tokens(() => may),
      50,
    );
    const call = placement().watchPlan({ afterRevision: 0n }, withToken("Bearer good"));
    const { promise, resolve } = Promise.withResolvers<ServiceError>();
    call.on("data", () => undefined).on("error", resolve);
    await sleep(200);
    may = false;
    expect(await promise).toMatchObject({ code: status.PERMISSION_DENIED });
  });
});

test("a renewed certificate is taken over while the service runs", async () => {
  const other = makeAuthority();
  onTestFinished(() => other.remove());
  const files = { certFile: `${other.certFile}.live`, keyFile: `${other.keyFile}.live` };
  const [first, second] = [other.sign("/CN=first"), other.sign("/CN=second")];
  const install = (pair: CertificatePair): void => {
    copyFileSync(pair.certFile, files.certFile);
    copyFileSync(pair.keyFile, files.keyFile);
  };
  install(first);
  const lines: string[] = [];
  const note = (_fields: object, message: string) => void lines.push(message);
  const certificates = new CertificateFiles(files, { info: note, warn: note, error: note }, 20);
  onTestFinished(() => certificates.close());
  const seen: (Buffer | undefined)[] = [];
  certificates.addIdentityCertificateListener((update) => seen.push(update?.certificate));
  await sleep(50);
  // Half written: the key of one with the certificate of the other.
  copyFileSync(second.certFile, files.certFile);
  await expect.poll(() => lines).toContain("certificate not read again");
  expect(seen).toEqual([first.certificate]);
  install(second);
  await expect.poll(() => seen).toEqual([first.certificate, second.certificate]);
});
