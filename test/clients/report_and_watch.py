"""Reports inventory and demand to a running service in every way that there is, and watches a plan that follows.

Usage: report_and_watch.py HOST:PORT WORKLOAD VARIANT; prints what the service answered as JSON.
"""

import json
import sys

import grpc
from apportion.v1 import (
    demand_pb2,
    demand_pb2_grpc,
    errors_pb2,
    inventory_pb2,
    inventory_pb2_grpc,
    live_pb2,
    placement_pb2_grpc,
    report_pb2,
)
from google.protobuf.timestamp_pb2 import Timestamp

DEADLINE_SECONDS = 60


def header(source, sequence):
    now = Timestamp()
    now.GetCurrentTime()
    return report_pb2.ReportHeader(source=source, sequence=sequence, reported_at=now)


def demand(source, sequence, workload, rate):
    entry = demand_pb2.WorkloadDemand(
        workload=workload,
        requests_per_second=rate,
        token_mix=demand_pb2.TokenMix(input_tokens=512, output_tokens=128),
    )
    return demand_pb2.DemandReport(header=header(source, sequence), demands=[entry])


def acknowledgement(ack):
    return [report_pb2.ReportOutcome.Name(ack.outcome), ack.sequence, ack.last_sequence]


def counts(answer):
    return [answer.applied, answer.duplicates, answer.superseded]


def report_demand(channel, workload):
    stub = demand_pb2_grpc.DemandServiceStub(channel)

    def unary(sequence, rate):
        request = demand_pb2.ReportDemandRequest(report=demand("gateway", sequence, workload, rate))
        return acknowledgement(stub.ReportDemand(request, timeout=DEADLINE_SECONDS).ack)

    streamed = (
        demand_pb2.ReportDemandStreamRequest(report=demand("batch", sequence, workload, 1.0))
        for sequence in (1, 2, 2, 1)
    )
    exchanged = (
        demand_pb2.ExchangeDemandRequest(report=demand("bridge", sequence, workload, rate))
        for sequence, rate in ((1, 0.0), (3, 4.0), (2, 90.0))
    )
    return {
        "unary": [unary(1, 5.0), unary(1, 5.0), unary(3, 10.0), unary(2, 99.0)],
        "stream": counts(stub.ReportDemandStream(streamed, timeout=DEADLINE_SECONDS).counts),
        "exchange": [
            acknowledgement(answer.ack) for answer in stub.ExchangeDemand(exchanged, timeout=DEADLINE_SECONDS)
        ],
        "listed": {
            entry.source: entry.demand.requests_per_second
            for entry in stub.ListDemand(demand_pb2.ListDemandRequest(), timeout=DEADLINE_SECONDS).demands
            if entry.demand.workload == workload
        },
        "refused": refused(stub, workload),
    }


def refused(stub, workload):
    """Every field that is wrong in one report, from the details of the error."""
    try:
        stub.ReportDemand(
            demand_pb2.ReportDemandRequest(report=demand("gateway", 0, workload, -1.0)), timeout=DEADLINE_SECONDS
        )
    except grpc.RpcError as error:
        details = dict(error.trailing_metadata())["grpc-status-details-bin"]
        marker = b"type.googleapis.com/apportion.v1.FieldViolations"
        at = details.index(marker) + len(marker)
        # google.protobuf.Any: after the type comes field 2, its length, and the message.
        length, at = varint(details, at + 1)
        violations = errors_pb2.FieldViolations.FromString(details[at : at + length])
        return [error.code().name, sorted(violation.path for violation in violations.violations)]
    return None


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if byte < 0x80:
            return value, at


def report_inventory(channel):
    stub = inventory_pb2_grpc.InventoryServiceStub(channel)

    def report(sequence, free):
        node = inventory_pb2.InventoryNode(name="edge-1", pool="h100", free_devices=free)
        return inventory_pb2.InventoryReport(header=header("edge", sequence), nodes=[node])

    unary = stub.ReportInventory(
        inventory_pb2.ReportInventoryRequest(report=report(1, 8)), timeout=DEADLINE_SECONDS
    )
    streamed = (inventory_pb2.ReportInventoryStreamRequest(report=report(sequence, 4)) for sequence in (1, 2, 3))
    stream = stub.ReportInventoryStream(streamed, timeout=DEADLINE_SECONDS)
    listed = stub.ListInventory(inventory_pb2.ListInventoryRequest(), timeout=DEADLINE_SECONDS)
    return {
        "unary": acknowledgement(unary.ack),
        "stream": counts(stream.counts),
        "listed": {node.name: node.free_devices for node in listed.nodes},
    }


def watch(channel, variant, desired, after):
    """The first plan, newer than a revision, that gives a variant its count."""
    stub = placement_pb2_grpc.PlacementServiceStub(channel)
    revisions = []
    plans = stub.WatchPlan(live_pb2.WatchPlanRequest(after_revision=after), timeout=DEADLINE_SECONDS)
    for answer in plans:
        revisions.append(answer.plan.revision)
        counts_now = {status.name: status.desired for status in answer.plan.variants}
        if counts_now.get(variant) == desired:
            plans.cancel()
            return {"revisions": revisions, "mode": live_pb2.Mode.Name(answer.plan.mode), "desired": counts_now}
    return None


def main(address, workload, variant):
    with grpc.insecure_channel(address) as channel:
        grpc.channel_ready_future(channel).result(timeout=DEADLINE_SECONDS)
        reported = report_demand(channel, workload)
        inventory = report_inventory(channel)
        # 10 of gateway, 1 of batch and 4 of bridge; a replica serves 5.
        first = watch(channel, variant, 3, 0)
        resumed = watch(channel, variant, 3, first["revisions"][-1])
        print(json.dumps({"demand": reported, "inventory": inventory, "first": first, "resumed": resumed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
