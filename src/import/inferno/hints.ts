/** What each field of an inferno file asks for: the `fix` of a violation. */
const HINTS: Record<string, string> = {
  system: "give the optimizer's input: { system: { acceleratorData, modelData, serverData, ... } }",
  input: "give the optimizer's input: { system: ... }",
  acceleratorData: "give { accelerators: [...] }",
  accelerators: "list the accelerators",
  modelData: "give { models: [...] }",
  models: "list the performance data of models on accelerators",
  serverData: "give { servers: [...] }",
  servers: "list the servers",
  arrivalRate: "give the offered requests per minute",
  avgInTokens: "give the mean input tokens of a request",
  avgOutTokens: "give the mean output tokens of a request",
  cost: "give the cost of the accelerator in cents per hour",
  count: "give the number of devices of the type",
  multiplicity: "give the cards of which the accelerator consists, 1 for one card",
  accCount: "give the accelerators that one replica needs",
  dialect: "write D1, D2 or D3",
};

export function hintOf(field: string): string {
  const hint = Object.hasOwn(HINTS, field) ? HINTS[field] : undefined;
  return hint ?? "correct the field, or leave it out where the optimizer's default is meant";
}
