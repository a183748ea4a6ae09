import { demand, status } from "../api/live.ts";
import { now } from "../now.ts";
import { decimal, since } from "../parts/format.ts";

export function SourcesView() {
  const shown = demand.value;
  const live = status.value;
  return (
    <>
      <section aria-labelledby="service">
        <h2 id="service">This service</h2>
        {live !== undefined && (
          <p>
            {live.leader ? "This replica leads." : `${live.leaderIdentity || "Nobody"} leads.`} The last cycle began{" "}
            {since(live.lastCycleAt, now.value)} ago and took {decimal(live.lastCycleMs)} ms.
          </p>
        )}
      </section>
      <section aria-labelledby="sources">
        <h2 id="sources">Who reports demand</h2>
        {(shown?.sources.length ?? 0) === 0 ? (
          <p class="empty">Nobody: what the resources state is planned for.</p>
        ) : (
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">Source</th>
                  <th scope="col" class="number">
                    Last report
                  </th>
                  <th scope="col">State</th>
                </tr>
              </thead>
              <tbody>
                {shown?.sources.map((source) => (
                  <tr key={source.source}>
                    <th scope="row">{source.source}</th>
                    <td class="number">{since(source.receivedAt, now.value)} ago</td>
                    <td>
                      <span class={source.stale ? "tag bad" : "tag"}>{source.stale ? "stale" : "in time"}</span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </>
  );
}
