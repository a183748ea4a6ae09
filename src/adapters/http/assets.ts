import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";

export interface Asset {
  contentType: string;
  body: Buffer;
  /** Named by its content: it never changes. */
  immutable: boolean;
}

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

/**
 * The files of a directory by the path that they are served under, `index.html` under `/`; empty where there is no such
 * directory. They are read once: nothing outside of it can be asked for.
 */
export function readAssets(directory: string): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const file of filesBelow(directory)) {
    const path = `/${relative(directory, file).split(sep).join("/")}`;
    const contentType = TYPES[extname(file)];
    if (contentType === undefined) continue;
    const asset = { contentType, body: readFileSync(file), immutable: path.startsWith("/assets/") };
    assets.set(path === "/index.html" ? "/" : path, asset);
  }
  return assets;
}

function filesBelow(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
