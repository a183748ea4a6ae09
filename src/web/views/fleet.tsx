import { fleet } from "../api/live.ts";
import type { FleetJson, NodeJson, PoolJson, WaitingJson } from "../api/types.ts";
import { now } from "../now.ts";
import { colorOf } from "../parts/colors.ts";
import { decimal, shortName, since } from "../parts/format.ts";

/** Nodes drawn one by one up to here; beyond, those that look the same are one. */
const NODES_DRAWN = 60;

export function FleetView() {
  const shown = fleet.value;
  if (shown === undefined) return <p class="empty">No fleet yet.</p>;
  return (
    <>
      <section aria-labelledby="pools">
        <h2 id="pools">Pools</h2>
        <div class="cards">
          {shown.pools.map((pool) => (
            <Pool key={pool.name} pool={pool} />
          ))}
        </div>
      </section>
      <Waiting fleet={shown} />
    </>
  );
}

function Pool({ pool }: { pool: PoolJson }) {
  const sums = sumsOf(pool.nodes);
  return (
    <article class="card" aria-label={`pool ${pool.name}`}>
      <h3>
        {pool.name} <small>{pool.accelerator}</small>
      </h3>
      <dl class="facts">
        <Fact term="devices" value={decimal(sums.devices)} />
        <Fact term="in use" value={decimal(sums.managed)} />
        <Fact term="foreign" value={decimal(sums.foreign)} />
        <Fact term="free" value={decimal(sums.free)} />
        {sums.unusable > 0 && <Fact term="not usable" value={decimal(sums.unusable)} />}
        <Fact term="per device hour" value={decimal(pool.pricePerDeviceHour)} />
      </dl>
      <Nodes nodes={pool.nodes} />
      <p class="note">{fragmentation(pool.nodes)}</p>
      {pool.distrusted.map(({ devices, reason }) => (
        <p key={devices} class="note warn">
          Not trusted for replicas of {devices}: {reason}
        </p>
      ))}
    </article>
  );
}

function Fact({ term, value }: { term: string; value: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface Sums {
  devices: number;
  managed: number;
  foreign: number;
  free: number;
  unusable: number;
}

function sumsOf(nodes: readonly NodeJson[]): Sums {
  const sums = { devices: 0, managed: 0, foreign: 0, free: 0, unusable: 0 };
  for (const node of nodes) {
    sums.devices += node.devices;
    for (const { variant, devices } of node.uses) sums[variant === "" ? "foreign" : "managed"] += devices;
    sums[node.usable ? "free" : "unusable"] += node.freeDevices;
  }
  return sums;
}

/** Which replicas still fit, by what is free on single nodes. */
function fragmentation(nodes: readonly NodeJson[]): string {
  const free = nodes.filter(({ usable }) => usable).map(({ freeDevices }) => freeDevices);
  const largest = Math.max(0, ...free);
  if (largest === 0) return "No device is free.";
  const sizes = [8, 4, 2, 1].filter((size) => size <= largest);
  const fits = sizes.map((size) => `${free.reduce((sum, count) => sum + Math.floor(count / size), 0)} of ${size}`);
  return `Still fit: replicas ${fits.join(", or ")}.`;
}

function Nodes({ nodes }: { nodes: readonly NodeJson[] }) {
  const rows = nodes.length <= NODES_DRAWN ? nodes.map((node) => ({ node, count: 1 })) : alike(nodes);
  return (
    <ul class="nodes">
      {rows.map(({ node, count }) => (
        <li key={node.name} class={node.usable ? "node" : "node unusable"} title={nodeText(node, count)}>
          <span class="visually-hidden">{nodeText(node, count)}</span>
          {count > 1 && (
            <span class="times" aria-hidden="true">
              {count} ×
            </span>
          )}
          <span class="devices" aria-hidden="true">
            {node.uses.map(({ variant, devices }) => (
              <span
                key={variant}
                class={variant === "" ? "use foreign" : "use"}
                style={{ flexGrow: devices, backgroundColor: colorOf(variant) }}
              />
            ))}
            {node.freeDevices > 0 && <span class="use free" style={{ flexGrow: node.freeDevices }} />}
          </span>
        </li>
      ))}
    </ul>
  );
}

function alike(nodes: readonly NodeJson[]): { node: NodeJson; count: number }[] {
  const groups = Map.groupBy(nodes, ({ name: _name, ...rest }) => JSON.stringify(rest));
  return [...groups.values()]
    .map((group) => ({ node: group[0]!, count: group.length }))
    .sort((a, b) => b.count - a.count)
    .slice(0, NODES_DRAWN);
}

function nodeText(node: NodeJson, count: number): string {
  const uses = node.uses.map(({ variant, devices, replicas }) => {
    const what = variant === "" ? "pods of nobody here" : `${shortName(variant)} (${replicas})`;
    return `${devices} by ${what}`;
  });
  const name = count > 1 ? `${count} nodes like ${node.name}` : node.name;
  const state = node.usable ? "" : `, ${node.unusableBecause}`;
  return `${name}${state}: ${node.devices} devices, ${[...uses, `${node.freeDevices} free`].join(", ")}`;
}

function Waiting({ fleet: { waiting } }: { fleet: FleetJson }) {
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting">Replicas that are not ready</h2>
      {waiting.length === 0 ? (
        <p class="empty">None: whatever was asked for runs.</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Variant</th>
                <th scope="col">Replica</th>
                <th scope="col">State</th>
                <th scope="col" class="number">
                  For
                </th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {waiting.slice(0, 200).map((replica) => (
                <WaitingRow key={`${replica.variant} ${replica.name}`} replica={replica} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {waiting.length > 200 && <p class="note">and {waiting.length - 200} more</p>}
    </section>
  );
}

function WaitingRow({ replica }: { replica: WaitingJson }) {
  const bad = replica.phase === "failing" || replica.phase === "unschedulable";
  return (
    <tr>
      <th scope="row">{replica.variant}</th>
      <td>{shortName(replica.name)}</td>
      <td>
        <span class={bad ? "tag bad" : "tag"}>{replica.phase}</span>
      </td>
      <td class="number">{since(replica.since, now.value)}</td>
      <td>{replica.reason}</td>
    </tr>
  );
}
