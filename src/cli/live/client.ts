import { readFileSync } from "node:fs";
import { type ChannelCredentials, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { DemandServiceClient } from "../../gen/apportion/v1/demand.ts";
import { FieldViolations } from "../../gen/apportion/v1/errors.ts";
import { InventoryServiceClient } from "../../gen/apportion/v1/inventory.ts";
import { OverrideServiceClient } from "../../gen/apportion/v1/override.ts";
import { PlacementServiceClient } from "../../gen/apportion/v1/placement.ts";
import { Status } from "../../gen/google/rpc/status.ts";
import { BadInputError, UnreachableError } from "../exit.ts";

/** Where the service is and how to speak with it, as the flags of every live command say. */
export interface ClientFlags {
  server: string;
  tlsCa?: string;
  tlsCert?: string;
  tlsKey?: string;
  token?: string;
  timeout: number;
}

export interface LiveClient {
  placement: PlacementServiceClient;
  override: OverrideServiceClient;
  demand: DemandServiceClient;
  inventory: InventoryServiceClient;
  /** Sent with every call. */
  metadata: Metadata;
  /** A unary call as a promise; its errors are those of the command line. */
  call<Response>(start: UnaryCall<Response>): Promise<Response>;
  /** As a command-line error. */
  failure(error: ServiceError): Error;
  close(): void;
}

export type Callback<Response> = (error: ServiceError | null, response: Response) => void;

type UnaryCall<Response> = (metadata: Metadata, options: { deadline: Date }, callback: Callback<Response>) => unknown;

/** What the service is asked with: nothing is sent before the first call. */
export function liveClient(flags: ClientFlags): LiveClient {
  const channel = channelCredentials(flags);
  const placement = new PlacementServiceClient(flags.server, channel);
  const override = new OverrideServiceClient(flags.server, channel);
  const demand = new DemandServiceClient(flags.server, channel);
  const inventory = new InventoryServiceClient(flags.server, channel);
  const metadata = new Metadata();
  if (flags.token !== undefined) metadata.set("authorization", `Bearer ${readText(flags.token, "--token").trim()}`);
  const failure = (error: ServiceError): Error => toCliError(error, flags.server);
  return {
    placement,
    override,
    demand,
    inventory,
    metadata,
    failure,
    call: <Response>(start: UnaryCall<Response>) =>
      new Promise<Response>((resolve, reject) => {
        start(metadata, { deadline: new Date(Date.now() + flags.timeout) }, (error, response) =>
          error ? reject(failure(error)) : resolve(response),
        );
      }),
    close: () => {
      placement.close();
      override.close();
      demand.close();
      inventory.close();
    },
  };
}

/** A token never goes out in plain text to another machine. */
function channelCredentials({ server, tlsCa, tlsCert, tlsKey, token }: ClientFlags): ChannelCredentials {
  if ((tlsCert === undefined) !== (tlsKey === undefined) || (tlsCert !== undefined && tlsCa === undefined)) {
    throw new BadInputError(["--tls-cert, --tls-key and --tls-ca belong together; give all three, or --tls-ca alone"]);
  }
  if (tlsCa !== undefined) {
    const authority = Buffer.from(readText(tlsCa, "--tls-ca"));
    if (tlsCert === undefined || tlsKey === undefined) return credentials.createSsl(authority);
    const [key, certificate] = [readText(tlsKey, "--tls-key"), readText(tlsCert, "--tls-cert")];
    return credentials.createSsl(authority, Buffer.from(key), Buffer.from(certificate));
  }
  if (token !== undefined && !/^(127\.|localhost:|\[::1\])/.test(server)) {
    throw new BadInputError([`--token with --server ${server}: the token would go out in plain text; give --tls-ca`]);
  }
  return credentials.createInsecure();
}

function readText(path: string, flag: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new BadInputError([`${flag} ${path}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

const UNREACHED = new Set<number>([status.UNAVAILABLE, status.DEADLINE_EXCEEDED]);

function toCliError(error: ServiceError, server: string): Error {
  if (UNREACHED.has(error.code)) return new UnreachableError(server, error.details);
  const violations = violationsOf(error);
  if (violations.length > 0) return new BadInputError(violations);
  return new BadInputError([`${server} answers ${status[error.code]}: ${error.details}`]);
}

function violationsOf(error: ServiceError): string[] {
  const raw = error.metadata?.get("grpc-status-details-bin")[0];
  if (!(raw instanceof Buffer)) return [];
  const detail = Status.decode(raw).details.find((any) => any.typeUrl.endsWith("/apportion.v1.FieldViolations"));
  if (detail === undefined) return [];
  return FieldViolations.decode(detail.value).violations.map(
    ({ path, value, rule, fix }) => `${path} is ${value}: ${rule}; ${fix}`,
  );
}
