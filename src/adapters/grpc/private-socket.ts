import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Server, ServerCredentials } from "@grpc/grpc-js";

/** Where this process alone calls its own server without TLS. */
export interface PrivateSocket {
  /** `unix:…`, in a directory that nobody else may enter. */
  address: string;
  remove(): void;
}

/** @throws Error where no socket can be made */
export async function privateSocket(server: Server): Promise<PrivateSocket> {
  const directory = mkdtempSync(join(tmpdir(), "apportion-"));
  const address = `unix:${join(directory, "grpc.sock")}`;
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    await promisify(server.bindAsync.bind(server))(address, ServerCredentials.createInsecure());
  } catch (error) {
    remove();
    throw error;
  }
  return { address, remove };
}
