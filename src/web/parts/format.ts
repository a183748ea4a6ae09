/** Numbers as people read them; the same everywhere. */

export const percent = (share: number): string => {
  const shown = Math.floor(share * 1000 + 1e-6) / 10;
  return `${shown === 100 ? "100" : shown.toFixed(1)} %`;
};

export const decimal = (value: number): string => {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(size >= 1 ? 4 : 2)));
};

export const gap = (value: number): string => {
  if (value >= 1) return "cost not proved";
  return value <= 1e-6 ? "proved optimal" : `within ${decimal(value * 100)} %`;
};

export const clock = (iso: string | undefined): string =>
  iso === undefined ? "–" : new Date(iso).toLocaleTimeString("en-GB");

export const since = (iso: string | undefined, now: number): string => {
  if (iso === undefined) return "–";
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
};

/** `MODE_ACT` → `act`; of an enum the last words, as the service's other texts have them. */
export const word = (value: string, prefix: string): string =>
  value.replace(prefix, "").toLowerCase().replaceAll("_", " ");

/** Without the namespace, where everything is in one. */
export const shortName = (name: string): string => name.slice(name.indexOf("/") + 1);
