import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { PlacementServiceClient, SolveRequest } from "../../src/gen/apportion/v1/placement.ts";
import { promised, startService } from "./service.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

/** A key and a certificate for 127.0.0.1 that signs itself, good for a day. */
function makeCertificate(): { certFile: string; keyFile: string } {
  const directory = mkdtempSync(join(tmpdir(), "apportion-tls-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const [certFile, keyFile] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const what = ["-subj", "/CN=apportion-test", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"];
  const how = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", ["req", "-x509", ...how, ...what, "-out", certFile, "-keyout", keyFile], { stdio: "pipe" });
  return { certFile, keyFile };
}

test.skipIf(!hasOpenssl)("with a certificate it speaks TLS, and only TLS", async () => {
  const tls = makeCertificate();
  const { server, client: plain } = await startService(undefined, { tls });
  const { address } = server;
  const client = new PlacementServiceClient(address, credentials.createSsl(readFileSync(tls.certFile)));
  onTestFinished(() => client.close());
  const request = SolveRequest.fromPartial({});
  // Refused by the service itself: the connection stands.
  await expect(promised((callback) => client.solve(request, callback))).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
  });
  await expect(promised((callback) => plain.solve(request, callback))).rejects.toMatchObject({
    code: status.UNAVAILABLE,
  });
});

test.skipIf(!hasOpenssl)("TLS alone is not enough where others can reach it: somebody has to be asked", async () => {
  const tls = makeCertificate();
  await expect(startService(undefined, { listen: "0.0.0.0:0", tls })).rejects.toThrow(/--tls-client-ca.*--auth/);
  await startService(undefined, { listen: "0.0.0.0:0", tls, insecureListen: true });
});
