/**
 * Colours that people with any colour vision tell apart (Okabe and Ito, Color Universal Design, 2008), and a pattern of
 * their own beyond those: no meaning is carried by colour alone.
 */
const HUES = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999"];

const given = new Map<string, string>();

/** Of a name always the same while the page is open; those that are shown together first differ first. */
export function colorOf(name: string): string {
  if (name === "") return "var(--foreign)";
  const color = given.get(name) ?? HUES[given.size % HUES.length]!;
  given.set(name, color);
  return color;
}
