import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Client, credentials } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { startService } from "./service.ts";

/** A call with hand-written messages, as a client without our protos makes it. */
function rawCall(address: string, path: string, fields: [number, string][]): Promise<Buffer> {
  const writer = new BinaryWriter();
  for (const [field, value] of fields) writer.uint32((field << 3) | 2).string(value);
  const client = new Client(address, credentials.createInsecure());
  const call = client.makeBidiStreamRequest(
    path,
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
  );
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  call.on("data", resolve);
  call.on("error", reject);
  call.on("end", () => client.close());
  call.write(Buffer.from(writer.finish()));
  call.end();
  return promise;
}

/** The length-delimited fields `field` of a message. */
function bytesFields(message: Uint8Array, field: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === field && wireType === 2) found.push(reader.bytes());
    else reader.skip(wireType);
  }
  return found;
}

const HOST = 1;
const FILE_CONTAINING_SYMBOL = 4;
const LIST_SERVICES = 7;
const text = new TextDecoder();

test.each(["v1", "v1alpha"])("reflection %s lists the services", async (version) => {
  const { server } = await startService();
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
  const answer = await rawCall(server.address, path, [
    [HOST, ""],
    [LIST_SERVICES, "*"],
  ]);
  const list = bytesFields(answer, 6)[0] ?? new Uint8Array();
  const names = bytesFields(list, 1).flatMap((service) => bytesFields(service, 1).map((name) => text.decode(name)));
  expect(names.sort()).toEqual([
    ...["Demand", "Inventory", "Override", "Placement"].map((name) => `apportion.v1.${name}Service`),
    "externalscaler.ExternalScaler",
    "grpc.health.v1.Health",
  ]);
});

test("reflection describes the service and everything it names, well enough to call it", async () => {
  const { server } = await startService();
  const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  const answer = await rawCall(server.address, path, [[FILE_CONTAINING_SYMBOL, "apportion.v1.PlacementService"]]);
  const files = bytesFields(bytesFields(answer, 4)[0] ?? new Uint8Array(), 1);
  const protos = new Map(
    files.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes)).map((file) => [file.name, file]),
  );
  const main = protos.get("apportion/v1/placement.proto");
  if (!main) throw new Error("the file of the service is not there");
  // Throws where a file, a type or a map entry does not resolve.
  const registry = createFileRegistry(main, (name) => protos.get(name));
  const service = registry.getService("apportion.v1.PlacementService");
  expect(service?.methods.map((method) => [method.name, method.methodKind])).toEqual([
    ["Solve", "unary"],
    ["SolveStream", "server_streaming"],
    ["Verify", "unary"],
    ["GetPlan", "unary"],
    ["WatchPlan", "server_streaming"],
    ["GetStatus", "unary"],
    ["WhatIf", "unary"],
    ["GetFleet", "unary"],
    ["ListPlans", "unary"],
  ]);
  const weight = registry.getMessage("apportion.v1.Workload")?.fields.find((field) => field.name === "weight");
  expect(weight?.proto.proto3Optional).toBe(true);
});

/** `grpc.health.v1.Health/Check`: the status number, or the code of the error. */
function healthCheck(address: string, service: string): Promise<number> {
  const client = new Client(address, credentials.createInsecure());
  const { promise, resolve } = Promise.withResolvers<number>();
  client.makeUnaryRequest(
    "/grpc.health.v1.Health/Check",
    (name: string) => Buffer.from(new BinaryWriter().uint32(10).string(name).finish()),
    (bytes: Buffer) => bytes.readUInt8(1),
    service,
    (error, value) => {
      client.close();
      resolve(error ? -error.code : (value ?? 0));
    },
  );
  return promise;
}

test("health: serving as a whole and by service, unknown names not found", async () => {
  const { server } = await startService();
  expect(await healthCheck(server.address, "")).toBe(1);
  expect(await healthCheck(server.address, "apportion.v1.PlacementService")).toBe(1);
  expect(await healthCheck(server.address, "nobody")).toBe(-5);
});
