import { stringify } from "yaml";

/**
 * How nodes and pods of the lab behave, as KWOK Stages (kwok.x-k8s.io/v1alpha1): each says what it matches, how long it
 * waits and what it then writes. No two stages match the same object, so nothing is left to chance.
 */

/** Annotations by which a test says how a pod or node behaves. Delays are Go durations, such as `1500ms`. */
export const SIM = {
  /** Pod: from running to ready. */
  readyDelay: "apportion.dev/sim-ready-delay",
  /** Pod: from the request to delete it until it is gone. */
  deleteDelay: "apportion.dev/sim-delete-delay",
  /** Pod: its containers crash this long after each start, as long as the annotation is there. */
  crash: "apportion.dev/sim-crash",
  /** Pod: how long `CrashLoopBackOff` lasts until the next start. */
  crashBackoff: "apportion.dev/sim-crash-backoff",
  /** Pod: why it crashed, in `lastState.terminated.reason`: `Error` (default), `OOMKilled`. */
  crashReason: "apportion.dev/sim-crash-reason",
  /** Pod: never starts; the value is the reason, `ErrImagePull` or `ImagePullBackOff`. */
  imagePull: "apportion.dev/sim-image-pull",
  /** Node: `true`: its kubelet says that it is not ready. */
  notReady: "apportion.dev/sim-not-ready",
} as const;

export interface StageDelays {
  readyDelayMs: number;
  deleteDelayMs: number;
}

interface Match {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  values?: string[];
}

interface Stage {
  name: string;
  kind: "Node" | "Pod";
  match: Match[];
  delay?: { annotation?: string; defaultMs: number };
  /** Go template of the new `status`; absent: the object is deleted. */
  status?: string;
}

const annotation = (name: string) => `.metadata.annotations["${name}"]`;
const exists = (key: string): Match => ({ key, operator: "Exists" });
const absent = (key: string): Match => ({ key, operator: "DoesNotExist" });
const isIn = (key: string, ...values: string[]): Match => ({ key, operator: "In", values });
const notIn = (key: string, ...values: string[]): Match => ({ key, operator: "NotIn", values });

const DELETED = ".metadata.deletionTimestamp";
const PHASE = ".status.phase";
const READY = '.status.conditions.[] | select( .type == "Ready" ) | .status';
const STARTED = ".status.containerStatuses.[].state.running.startedAt";
const WAITING = ".status.containerStatuses.[].state.waiting.reason";

/** Conditions of a node that is well; `more` are further lines of each. */
const nodeConditions = (more = "") => `{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
${more}
{{ end }}`;

const NODE_READY = `${nodeConditions("  lastTransitionTime: {{ $now | Quote }}")}
addresses:
- { type: InternalIP, address: {{ NodeIP | Quote }} }
- { type: Hostname, address: {{ NodeName | Quote }} }
nodeInfo:
  architecture: amd64
  operatingSystem: linux
  bootID: ""
  machineID: ""
  systemUUID: ""
  osImage: lab
  kernelVersion: lab
  containerRuntimeVersion: kwok-{{ Version }}
  kubeletVersion: kwok-{{ Version }}
  kubeProxyVersion: kwok-{{ Version }}
phase: Running`;

const NODE_NOT_READY = `conditions:
- type: Ready
  status: "False"
  reason: KubeletNotReady
  message: set by ${SIM.notReady}
  lastHeartbeatTime: {{ Now | Quote }}
  lastTransitionTime: {{ Now | Quote }}`;

/** `Ready` and what it follows from. */
function podConditions(ready: boolean): string {
  const status = ready ? "True" : "False";
  // The patch is merged: what is not named stays.
  const reason = ready ? "null" : "ContainersNotReady";
  const types = ["ContainersReady", "Ready"];
  const lines = types.map(
    (type) => `- type: ${type}\n  status: "${status}"\n  reason: ${reason}\n  lastTransitionTime: {{ $now | Quote }}`,
  );
  return `conditions:
- { type: Initialized, status: "True" }
${lines.join("\n")}`;
}

/** Status of each container; \`restarts\` and \`state\` are templates that may use $restarts and $old. */
function containers(ready: boolean, restarts: string, state: string): string {
  return `{{ $root := . }}
containerStatuses:
{{ range $index, $container := .spec.containers }}
{{ $old := dict }}
{{ if $root.status.containerStatuses }}{{ $old = index $root.status.containerStatuses $index }}{{ end }}
{{ $restarts := int (or $old.restartCount 0) }}
- name: {{ $container.name | Quote }}
  image: {{ $container.image | Quote }}
  imageID: ""
  ready: ${ready}
  started: ${ready}
  restartCount: ${restarts}
${state}
{{ end }}`;
}

const KEEP_LAST_STATE = `{{ if $old.lastState }}
  lastState: {{ YAML $old.lastState 2 }}
{{ end }}`;

const RUNNING_SINCE = `  state: { running: { startedAt: {{ or $old.state.running.startedAt $now | Quote }} } }`;

const POD_STARTED = `{{ $now := Now }}
${podConditions(false)}
${containers(false, "{{ $restarts }}", `  state: { running: { startedAt: {{ $now | Quote }} } }\n${KEEP_LAST_STATE}`)}
{{ $address := .status.podIP }}
{{ if not $address }}
{{ $address = PodIPWith .spec.nodeName (or .spec.hostNetwork false) .metadata.uid .metadata.name .metadata.namespace }}
{{ end }}
hostIP: 127.0.0.1
hostIPs: [{ ip: 127.0.0.1 }]
podIP: {{ $address | Quote }}
podIPs: [{ ip: {{ $address | Quote }} }]
phase: Running
startTime: {{ or .status.startTime $now | Quote }}`;

const POD_READY = `{{ $now := Now }}
${podConditions(true)}
${containers(true, "{{ $restarts }}", `${RUNNING_SINCE}\n${KEEP_LAST_STATE}`)}`;

const CRASHED = `  state: { waiting: { reason: CrashLoopBackOff, message: back-off restarting failed container } }
  lastState:
    terminated:
      exitCode: {{ if eq $reason "OOMKilled" }}137{{ else }}1{{ end }}
      reason: {{ $reason | Quote }}
      startedAt: {{ or $old.state.running.startedAt $now | Quote }}
      finishedAt: {{ $now | Quote }}`;

const POD_CRASHED = `{{ $now := Now }}
{{ $reason := or (index .metadata.annotations "${SIM.crashReason}") "Error" }}
${podConditions(false)}
${containers(false, "{{ add $restarts 1 }}", CRASHED)}`;

const POD_IMAGE_PULL = `{{ $now := Now }}
{{ $reason := index .metadata.annotations "${SIM.imagePull}" }}
${podConditions(false)}
${containers(false, "0", "  state: { waiting: { reason: {{ $reason | Quote }}, message: the lab does not let it start } }")}
phase: Pending
startTime: {{ or .status.startTime $now | Quote }}`;

function nodeStages(): Stage[] {
  const wanted = notIn(annotation(SIM.notReady), "true");
  return [
    { name: "node-ready", kind: "Node", match: [wanted, notIn(READY, "True")], status: NODE_READY },
    {
      name: "node-heartbeat",
      kind: "Node",
      match: [wanted, isIn(READY, "True")],
      // Leases, which KWOK renews by itself, say that a node lives; this only keeps the times in its status fresh.
      delay: { defaultMs: 300_000 },
      status: nodeConditions(),
    },
    {
      name: "node-not-ready",
      kind: "Node",
      // Also a new node: without any condition, the node controller takes its taint away.
      match: [isIn(annotation(SIM.notReady), "true"), notIn(READY, "False")],
      status: NODE_NOT_READY,
    },
  ];
}

function podStages(delays: StageDelays): Stage[] {
  const pod = (name: string, match: Match[], rest: Omit<Stage, "name" | "kind" | "match">): Stage => ({
    name,
    kind: "Pod",
    match: [absent(DELETED), ...match],
    ...rest,
  });
  const pullable = absent(annotation(SIM.imagePull));
  const crashing = annotation(SIM.crash);
  return [
    pod("pod-image-pull", [exists(annotation(SIM.imagePull)), isIn(PHASE, "Pending"), absent(WAITING)], {
      status: POD_IMAGE_PULL,
    }),
    pod("pod-started", [pullable, isIn(PHASE, "Pending")], { status: POD_STARTED }),
    pod("pod-ready", [absent(crashing), isIn(PHASE, "Running"), exists(STARTED), notIn(READY, "True")], {
      delay: { annotation: SIM.readyDelay, defaultMs: delays.readyDelayMs },
      status: POD_READY,
    }),
    pod("pod-crashed", [exists(crashing), isIn(PHASE, "Running"), exists(STARTED)], {
      delay: { annotation: SIM.crash, defaultMs: 500 },
      status: POD_CRASHED,
    }),
    pod("pod-restarted", [isIn(PHASE, "Running"), isIn(WAITING, "CrashLoopBackOff")], {
      delay: { annotation: SIM.crashBackoff, defaultMs: 10_000 },
      status: POD_STARTED,
    }),
    {
      name: "pod-deleted",
      kind: "Pod",
      match: [exists(DELETED)],
      delay: { annotation: SIM.deleteDelay, defaultMs: delays.deleteDelayMs },
    },
  ];
}

function document(stage: Stage): string {
  const { annotation: from, defaultMs = 0 } = stage.delay ?? {};
  const delay = {
    durationMilliseconds: defaultMs,
    ...(from === undefined ? {} : { durationFrom: { jq: { expression: annotation(from) } } }),
  };
  const patch = { subresource: "status", root: "status", type: "strategic", template: stage.status };
  return stringify({
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name: stage.name },
    spec: {
      resourceRef: { apiGroup: "v1", kind: stage.kind },
      selector: { matchExpressions: stage.match.map((jq) => ({ jq })) },
      ...(stage.delay === undefined ? {} : { delay }),
      steps: [stage.status === undefined ? { delete: true } : { patch }],
    },
  });
}

/** KWOK's configuration file: one document for each stage. */
export function kwokConfig(delays: StageDelays): string {
  return [...nodeStages(), ...podStages(delays)].map(document).join("---\n");
}
