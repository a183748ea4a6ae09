import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Logger } from "pino";
import type { RunningService, ServeOptions } from "../cli/context.ts";
import type { Placement } from "../ports/placement.ts";
import { clock, startFleetService } from "./fleet-service.ts";
import { openSignals } from "./signals.ts";

/**
 * The service over a Kubernetes cluster: reads it, plans, and changes it as the mode of its policy allows.
 *
 * @throws Error where the cluster has no usable configuration, the state cannot be opened, or nothing can listen
 */
export async function startLiveService(
  placement: Placement,
  log: Logger,
  options: ServeOptions & { kubernetes: NonNullable<ServeOptions["kubernetes"]> },
): Promise<RunningService> {
  const { kubernetesAdapters } = await import("../adapters/kubernetes/adapters.ts");
  const { kubeconfig, context, scope, namespace, state, intervalMs, record, signalsFile } = options.kubernetes;
  const signals = signalsFile === undefined ? undefined : await openSignals(signalsFile);
  const identity = `${hostname()}_${randomUUID()}`;
  const adapters = await kubernetesAdapters({
    ...(kubeconfig === undefined ? {} : { kubeconfigFile: kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(namespace === undefined ? {} : { namespace }),
    scope,
    identity,
    clock,
    log,
  });
  return startFleetService(placement, log, options, {
    memory: adapters.memory,
    namespace: adapters.namespace,
    state,
    record,
    intervalMs,
    connect: ({ keeper, wake }) => {
      const lease = adapters.lease({
        onLead: () => {
          log.info({ identity, scope }, "leads");
          keeper.load().then(wake, (error: unknown) => log.error({ error: String(error) }, "memory not read"));
        },
        onLost: (reason) => log.warn({ identity, scope, reason }, "does not lead any more"),
      });
      return {
        ...adapters,
        ...(signals === undefined ? {} : { signals }),
        leadership: lease,
        start: () => {
          lease.start();
          adapters.changes.start(wake);
        },
        quiet: () => adapters.changes.stop(),
        release: () => lease.stop(),
      };
    },
    close: () => {
      adapters.close();
      signals?.close().catch((error: unknown) => log.warn({ error: String(error) }, "signals not closed"));
    },
  });
}
