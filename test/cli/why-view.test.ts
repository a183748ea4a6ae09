import { expect, test } from "vitest";
import { whyView } from "../../src/cli/live/why-view.ts";
import { LivePlan } from "../../src/gen/apportion/v1/live.ts";

const OUT = { columns: 200, write: () => true };

function whyOf(row: { key: string; used: number; capacity: number; heldBy: { priority: number; amount: number }[] }) {
  const reason = { sentence: "h100 is full", binding: [row] };
  const plan = LivePlan.fromPartial({
    revision: 8n,
    plan: { workloads: [{ name: "default/code", attainment: 0.5, reason }] },
  });
  return whyView(plan, "default/code", OUT as never).split("\n")[2];
}

test("who holds a pool is said in devices, as is what there is of it", () => {
  const heldBy = [
    { priority: 0, amount: 4 },
    { priority: 10, amount: 16 },
  ];
  // Six places of four devices: 24 devices, of which what the classes hold is 20.
  expect(whyOf({ key: "pool/h100/size/4", used: 5, capacity: 6, heldBy })).toBe(
    "  pool/h100/size/4: 20 of 24 devices used, in places of 4; class 0 holds 4, class 10 holds 16",
  );
  expect(whyOf({ key: "pool/bag/size/0", used: 20, capacity: 24, heldBy })).toBe(
    "  pool/bag/size/0: 20 of 24 devices used; class 0 holds 4, class 10 holds 16",
  );
});

test.each([
  ["quota/team-a/h100/devices", "12 of 12 devices used"],
  ["quota/team-a/*/cost", "12 of 12 per hour used"],
])("a row of %s is in its own unit", (key, text) => {
  expect(whyOf({ key, used: 12, capacity: 12, heldBy: [{ priority: 0, amount: 12 }] })).toBe(
    `  ${key}: ${text}; class 0 holds 12`,
  );
});
