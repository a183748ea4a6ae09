/** Renders the chart with its default values into `deploy/manifests/apportion.yaml`, for installs without Helm. */
import { writeFileSync } from "node:fs";
import { DEFAULT_MANIFESTS, renderedChart } from "../test/deploy/render.ts";

writeFileSync(DEFAULT_MANIFESTS, await renderedChart());
