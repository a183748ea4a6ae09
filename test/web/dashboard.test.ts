import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type SimulatedService, serveSimulation } from "../simulate/service.ts";
import { openPage, startBrowser } from "./browser.ts";
import { large, SMALL } from "./fleets.ts";
import { serveFleet } from "./service.ts";

const VIEWS = ["fleet", "workloads", "plan", "timeline", "whatif", "overrides", "sources"];

let browser: Browser;
let service: SimulatedService;
/** Real time: what there is to see stays as it is. */
const flags = ["--speed", "1", "--interval", "1s"];
const state = mkdtempSync(join(tmpdir(), "apportion-web-"));

beforeAll(async () => {
  [browser, service] = await Promise.all([startBrowser(), serveSimulation(SMALL, state, { flags })]);
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
  rmSync(state, { recursive: true, force: true });
});

async function open(view: string, options = {}): Promise<{ page: Page; complaints: string[] }> {
  const opened = await openPage(browser, options);
  onTestFinished(() => opened.page.close());
  await opened.page.goto(`${service.url}/#${view}`);
  await opened.page
    .getByRole("banner")
    .getByText(/^plan \d+$/)
    .waitFor();
  return opened;
}

/** What axe finds against WCAG 2.2 A and AA. */
async function violations(page: Page): Promise<string[]> {
  // The policy of the page allows no script but its own: axe comes in through the debugger, as a person's tools do.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const { violations } = await axe.run({ runOnly: { type: "tag", values: tags } });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

test.each(VIEWS.flatMap((view) => (["light", "dark"] as const).map((colorScheme) => ({ view, colorScheme }))))(
  "$view in $colorScheme: no barrier, no complaint in the console",
  async ({ view, colorScheme }) => {
    const { page, complaints } = await open(view, { colorScheme });
    await page.getByRole("link", { name: "Skip to content" }).waitFor({ state: "attached" });
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  },
);

test.each(VIEWS)("%s fits a phone", async (view) => {
  const { page } = await open(view, { viewport: { width: 360, height: 740 } });
  const [content, screen] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
  expect(content).toBeLessThanOrEqual(screen!);
});

test("the fleet: pools, their nodes, and what still fits", async () => {
  const { page } = await open("fleet");
  const pool = page.getByRole("article", { name: "pool a100" });
  await expect.poll(() => pool.getByText("devices").first().isVisible()).toBe(true);
  expect(await pool.getByRole("listitem").count()).toBe(2);
  expect(await pool.getByRole("listitem").first().textContent()).toBe(
    "a100-1: 8 devices, 8 by assistant-a100 (2), 0 free",
  );
  expect(await pool.textContent()).toContain("No device is free.");
  expect(await page.getByRole("article", { name: "pool t4" }).textContent()).toContain("Still fit: replicas");
});

test("workloads: found by name, only the short ones, and why they are", async () => {
  const { page } = await open("workloads");
  const rows = page.getByRole("rowheader");
  await expect.poll(() => rows.count()).toBe(2);
  await page.getByLabel("Find").fill("sear");
  expect(await rows.allTextContents()).toEqual(["ml/search"]);
  await page.getByLabel("Find").fill("");
  await page.getByLabel("only those that are short").check();
  expect(await rows.allTextContents()).toEqual(["ml/assistant"]);
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "assistant" }).press("Enter");
  await expect.poll(() => page.getByText(/a100.*full|a100.*used|devices/i).count()).toBeGreaterThan(0);
  expect(await page.getByText("assistant-a100", { exact: true }).isVisible()).toBe(true);
});

test("the plan: its proof, its classes, and what to buy next", async () => {
  const { page } = await open("plan");
  await page.getByRole("heading", { name: "How good it is" }).waitFor();
  expect(await page.getByText("optimal").first().isVisible()).toBe(true);
  const prices = page.getByRole("region", { name: "What to buy next" });
  // All of it runs already, so that no price had to prove that there is no better plan.
  expect(await prices.textContent()).toContain("No room has a price");
});

test("what if: a node more serves all, beside today's plan", async () => {
  const { page } = await open("whatif");
  await page.getByLabel("Pool").selectOption("a100");
  await page.getByLabel("Nodes more, or fewer").fill("1");
  await page.getByRole("button", { name: "Add" }).first().click();
  const answer = page.getByRole("region", { name: "Against today" });
  await answer.getByText(/Answered in \d+ ms/).waitFor();
  expect(await answer.textContent()).toContain("Nobody is served less.");
  expect(await answer.getByRole("row").filter({ hasText: "assistant" }).first().textContent()).toContain("100 %");
  await page.getByRole("button", { name: /^remove/ }).click();
  await answer.getByText("Nothing is asked.").waitFor();
});

test("what if: a change that cannot be meant is refused with its reason", async () => {
  const { page } = await open("whatif");
  await page.getByLabel("Workload", { exact: true }).fill("nobody");
  await page.getByLabel("Demand, requests per second").fill("5");
  await page.getByRole("button", { name: "Add" }).nth(1).click();
  await page
    .getByText(/nobody/)
    .last()
    .waitFor();
  expect(await page.getByRole("region", { name: "Against today" }).textContent()).toMatch(/nobody/);
});

test("an override: its cost first, then set, seen, audited and cleared", async () => {
  const { page } = await open("overrides");
  await page.getByRole("combobox", { name: /^What/ }).selectOption("ceiling");
  await page.getByLabel("Of", { exact: true }).fill("ml/assistant-a100");
  await page.getByLabel("Replicas").fill("0");
  await page.getByLabel("Reason").fill("maintenance");
  await page.getByLabel("Your name").fill("ada");
  await page.getByRole("button", { name: "Show what it costs" }).click();
  const costs = page.getByRole("region", { name: "what it costs" });
  await costs.waitFor();
  expect(await costs.getByRole("row").filter({ hasText: "assistant" }).first().textContent()).toContain("0.0 %");
  await costs.getByRole("button", { name: "Set it" }).click();
  const inForce = page.getByRole("region", { name: "In force" });
  await inForce.getByText("maintenance", { exact: true }).waitFor();
  expect(await inForce.getByRole("row").nth(1).textContent()).toContain("ada");
  await page.getByRole("region", { name: "Who did what" }).getByText("override set: ceiling").first().waitFor();
  await inForce.getByRole("button", { name: /^clear/ }).click();
  await inForce.getByText("None.").waitFor();
});

test("a service that restarts is followed again, and until then the page says so", async () => {
  const own = mkdtempSync(join(tmpdir(), "apportion-web-"));
  onTestFinished(() => rmSync(own, { recursive: true, force: true }));
  const first = await serveSimulation(SMALL, own, { flags });
  const { page } = await openPage(browser);
  onTestFinished(() => page.close());
  await page.goto(`${first.url}/#plan`);
  await page
    .getByRole("banner")
    .getByText(/^plan \d+$/)
    .waitFor();
  await first.stop();
  await page.getByText(/^Not live:/).waitFor();
  const second = await serveSimulation(SMALL, own, { flags, http: first.url.slice("http://".length) });
  onTestFinished(async () => void (await second.stop()));
  await page.getByText(/^Not live:/).waitFor({ state: "detached" });
});

test("a thousand workloads: found, shown by parts, and planned", async () => {
  const own = mkdtempSync(join(tmpdir(), "apportion-web-"));
  onTestFinished(() => rmSync(own, { recursive: true, force: true }));
  const many = await serveFleet(large(1000), own);
  onTestFinished(async () => void (await many.stop()));
  const { page, complaints } = await openPage(browser);
  onTestFinished(() => page.close());
  await page.goto(`${many.url}/#workloads`);
  await page.getByText("1000 of 1000").waitFor();
  expect(await page.getByRole("rowheader").count()).toBe(200);
  await page.getByLabel("Find").fill("workload-0777");
  expect(await page.getByRole("rowheader").allTextContents()).toEqual(["workload-0777"]);
  await page.goto(`${many.url}/#plan`);
  const prices = page.getByRole("region", { name: "What to buy next" });
  await prices.getByRole("rowheader").first().waitFor();
  expect((await prices.getByRole("rowheader").allTextContents()).every((pool) => /^pool-\d$/.test(pool))).toBe(true);
  await page.goto(`${many.url}/#fleet`);
  await page.getByRole("article").nth(9).waitFor();
  expect(complaints).toEqual([]);
});
