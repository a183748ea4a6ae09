import type { PeerCertificate } from "node:tls";
import type { Metadata } from "@grpc/grpc-js";
import type { ClientCertificate, Credentials } from "../../ports/access.ts";

/** Service account tokens have about 1 KiB; those of identity providers with many groups some more. */
const MAX_TOKEN_CHARACTERS = 16 * 1024;

/**
 * What a call shows of its caller. More than one token, or one that is no bearer token, counts for none.
 *
 * @param certificate of a connection whose certificate was verified
 */
export function credentialsOf(metadata: Metadata, certificate: PeerCertificate | undefined): Credentials {
  const [header, ...more] = metadata.get("authorization");
  const token = typeof header === "string" ? /^bearer +([\w\-.~+/]+=*)$/i.exec(header)?.[1] : undefined;
  const usable = token !== undefined && more.length === 0 && token.length <= MAX_TOKEN_CHARACTERS;
  // A connection may outlive the certificate that opened it.
  const valid = certificate !== undefined && Date.parse(certificate.valid_to) > Date.now();
  return {
    ...(usable && { bearerToken: token }),
    ...(valid && { certificate: namesOf(certificate) }),
  };
}

function namesOf({ subject, subjectaltname }: PeerCertificate): ClientCertificate {
  // Several common names come as a list: which of them is meant cannot be told.
  const commonName: unknown = subject?.CN;
  return {
    ...(typeof commonName === "string" && commonName !== "" && { commonName }),
    alternativeNames: alternativeNames(subjectaltname ?? ""),
  };
}

const KINDS = ["URI", "email", "DNS"];

/** Node writes `DNS:a, URI:b`; values that could be taken for more than one entry stand in JSON quotes. */
function alternativeNames(text: string): string[] {
  const entries = [...text.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
    ([, kind = "", value = ""]) => ({
      kind,
      value: value.startsWith('"') ? (JSON.parse(value) as string) : value,
    }),
  );
  return KINDS.flatMap((kind) => entries.filter((entry) => entry.kind === kind).map((entry) => entry.value));
}
