import { render } from "preact";
import { follow } from "./api/live.ts";
import { App } from "./app.tsx";

render(<App />, document.getElementById("app")!);
const end = new AbortController();
addEventListener("pagehide", () => end.abort());
void follow(end.signal);
