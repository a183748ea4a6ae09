import { readDocumentText } from "../adapters/files/document-text.ts";
import { readTextFile } from "../adapters/files/read-file.ts";
import { AnyAccess } from "../app/access/any-access.ts";
import { CertificateAccess } from "../app/access/certificate-access.ts";
import { readClientRights } from "../app/access/client-rights.ts";
import type { AccessOptions } from "../cli/context.ts";
import { InputError } from "../domain/input-error.ts";
import type { Parsed } from "../domain/violation.ts";
import type { Access, Identity } from "../ports/access.ts";

export interface OpenAccess {
  /** Absent: whoever reaches the service may call. */
  access?: Access;
  close(): void;
}

/** A review is short, and a caller waits for it. */
const REVIEW_TIMEOUT_MS = 5_000;

/** Who may call, by what was asked for. @throws Error where the file of rights or the cluster's configuration is no good */
export async function openAccess({ clientRightsFile, kubernetes }: AccessOptions): Promise<OpenAccess> {
  const ways = new Map<Identity["provedBy"], Access>();
  let close = (): void => undefined;
  if (clientRightsFile !== undefined) ways.set("certificate", await certificateAccess(clientRightsFile));
  if (kubernetes !== undefined) {
    const { connect } = await import("../adapters/kubernetes/api/connection.ts");
    const { KubernetesApi } = await import("../adapters/kubernetes/api/client.ts");
    const { KubernetesAccess } = await import("../adapters/kubernetes/token-review.ts");
    const { kubeconfig, context, audience } = kubernetes;
    // Of its own: however many call, the sockets that cycles need stay free.
    const connection = await connect({
      ...(kubeconfig === undefined ? {} : { kubeconfigFile: kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
    const api = new KubernetesApi(connection, REVIEW_TIMEOUT_MS);
    ways.set("kubernetes", new KubernetesAccess(api, audience === undefined ? {} : { audience }));
    close = () => connection.agent.destroy();
  }
  return ways.size === 0 ? { close } : { access: new AnyAccess(ways), close };
}

async function certificateAccess(file: string): Promise<Access> {
  try {
    const document = unwrapped(readDocumentText(await readTextFile(file, process.stdin)));
    return new CertificateAccess(unwrapped(readClientRights(document)));
  } catch (error) {
    throw new Error(`--client-rights ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unwrapped<T>(read: Parsed<T>): T {
  if (read.ok) return read.value;
  throw new InputError(read.violations);
}
