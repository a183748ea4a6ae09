import { expect, test } from "vitest";
import { startLab } from "../lab/lab.ts";
import { acceleratorNodes } from "../lab/objects.ts";
import { addVariant, cycles, setUpFleet, untilReplicas } from "./fleet.ts";
import { startService } from "./service.ts";
test("x", async () => {
  const lab = await startLab({ nodes: [...acceleratorNodes("h100", 2)] });
  await setUpFleet(lab, { manualPinSeconds: 20 });
  const service = await startService(lab.kubeconfig, { record: "/tmp/rec" });
  const chat = await addVariant(lab, "chat", { workload: "chat", spec: { demandPerSecond: 10 } });
  await untilReplicas(lab, [[chat, 2]]);
  await lab.readyPods("app=chat", 2);
  await cycles(service, 1);
  await lab.scale(chat, 3);
  for (let i = 0; i < 12; i++) {
    await new Promise((r) => setTimeout(r, 1000));
    const v = await service.variant("chat");
    console.log(JSON.stringify({ c: await lab.replicas(chat), r: v.reasonCode, m: v.reason, d: v.desired }));
  }
  console.log(JSON.stringify((await lab.read(chat)).metadata.managedFields));
  for (const l of service.log().slice(-20)) console.log(JSON.stringify(l));
  await service.stop();
  await lab.stop();
}, 200_000);
