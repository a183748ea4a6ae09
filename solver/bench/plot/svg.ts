type Attributes = Record<string, string | number | undefined>;

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** One element of an SVG; children are elements, already written. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}="${escaped(typeof value === "number" ? String(Math.round(value * 10) / 10) : value!)}"`,
    )
    .join("");
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join("")}</${name}>`;
}

export function label(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element("text", { x, y, ...attributes }, escaped(text));
}

export function line(x1: number, y1: number, x2: number, y2: number, attributes: Attributes = {}): string {
  return element("line", { x1, y1, x2, y2, ...attributes });
}

/** Light background and system fonts: it is read on a page that may be dark. */
export function documentOf(width: number, height: number, title: string, children: string[]): string {
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "font-family": "system-ui, 'DejaVu Sans', sans-serif",
      "font-size": "12",
      fill: "#222222",
    },
    element("title", {}, escaped(title)),
    element("rect", { width, height, fill: "#ffffff" }),
    ...children.map((child) => `\n${child}`),
    "\n",
  )}\n`;
}
