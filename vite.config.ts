import { defineConfig } from "vite";

/** The dashboard: one page, its script and its style, served by the service. */
export default defineConfig({
  root: "src/web",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { outDir: "../../dist/web", emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false } },
});
