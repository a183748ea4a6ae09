import { expect, test } from "vitest";
import { AnyAccess } from "../../src/app/access/any-access.ts";
import { CertificateAccess } from "../../src/app/access/certificate-access.ts";
import { readClientRights } from "../../src/app/access/client-rights.ts";
import type { Access, Identity } from "../../src/ports/access.ts";

const file = (clients: unknown, more: object = {}) => ({
  apiVersion: "apportion.dev/v1",
  kind: "ClientRights",
  clients,
  ...more,
});

function accessOf(clients: unknown): CertificateAccess {
  const read = readClientRights(file(clients));
  if (!read.ok) throw new Error(JSON.stringify(read.violations));
  return new CertificateAccess(read.value);
}

test("rights by name, and those of every client", async () => {
  const access = accessOf({ ada: ["override"], "*": ["read"] });
  const ada = await access.authenticate({ certificate: { commonName: "ada", alternativeNames: ["root"] } });
  if (ada === undefined) throw new Error("nobody");
  expect(ada).toEqual({ name: "ada", provedBy: "certificate" });
  expect(await access.authorize(ada, "override")).toBe(true);
  expect(await access.authorize(ada, "read")).toBe(true);
  expect(await access.authorize(ada, "report")).toBe(false);
});

test("a certificate without a common name goes by its first alternative name; the wildcard is no name", async () => {
  const access = accessOf({});
  expect(await access.authenticate({ certificate: { alternativeNames: ["spiffe://a"] } })).toMatchObject({
    name: "spiffe://a",
  });
  for (const certificate of [{ commonName: "*", alternativeNames: [] }, { alternativeNames: [] }]) {
    expect(await access.authenticate({ certificate })).toBeUndefined();
  }
  expect(await access.authenticate({ bearerToken: "t" })).toBeUndefined();
});

test.each([
  [file({ ada: ["reed"] }), 'clients["ada"][0]', /did you mean "read"/],
  [file({ ada: "read" }), 'clients["ada"]', /\[read\]/],
  [file([]), "clients", /docs/],
  [file({}, { client: {} }), "client", /did you mean "clients"/],
  [{ ...file({}), kind: "Rights" }, "kind", /ClientRights/],
])("%j is refused at %s", (document, path, fix) => {
  const read = readClientRights(document);
  expect(read).toMatchObject({ ok: false, violations: [{ path, fix: expect.stringMatching(fix) }] });
});

test("whoever proves itself in one way has the rights of that way alone", async () => {
  const certificates = accessOf({ ada: ["override"] });
  const tokens = {
    ...certificates,
    howTo: "a token",
    authenticate: async () => undefined,
    authorize: async () => true,
    fix: () => "",
  };
  const access = new AnyAccess(
    new Map<Identity["provedBy"], Access>([
      ["certificate", certificates],
      ["kubernetes", tokens],
    ]),
  );
  expect(access.howTo).toContain(", or a token");
  expect(await access.authorize({ name: "ada", provedBy: "kubernetes" }, "report")).toBe(true);
  expect(await access.authorize({ name: "ada", provedBy: "certificate" }, "report")).toBe(false);
});
