/** Sees to the browser that the tests of the dashboard need. Exit code 1 where there is none and none can be installed. */
import { ensureChromium } from "../test/web/chromium.ts";

try {
  console.log(ensureChromium());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
