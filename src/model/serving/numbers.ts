/** Whether a signal is one: finite and not negative. */
export function isKnown(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value >= 0;
}

/** Like `1,200`; with decimals where it is small. */
export function amount(value: number): string {
  if (!Number.isFinite(value)) return "unbounded";
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(2);
  const digits = Number.isInteger(value) || size >= 1000 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4;
  const [whole = "", fraction] = value.toFixed(digits).split(".");
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined || /^0*$/.test(fraction) ? grouped : `${grouped}.${fraction.replace(/0+$/, "")}`;
}

/** Like `24.0/s`; slow rates per minute, hour or day. */
export function rate(perSecond: number): string {
  if (perSecond === 0 || perSecond >= 0.1) return `${perSecond >= 1000 ? amount(perSecond) : perSecond.toFixed(1)}/s`;
  if (perSecond * 60 >= 0.1) return `${amount(perSecond * 60)}/min`;
  return perSecond * 3600 >= 0.1 ? `${amount(perSecond * 3600)}/h` : `${amount(perSecond * 86_400)}/day`;
}

/** Like `60 s` or `2.5 h`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (Math.abs(seconds) < 1) return `${amount(Math.round(ms))} ms`;
  if (Math.abs(seconds) < 600) return `${amount(Math.round(seconds * 10) / 10)} s`;
  if (Math.abs(seconds) < 3600) return `${amount(Math.round(seconds / 6) / 10)} min`;
  return Math.abs(seconds) < 172_800
    ? `${amount(Math.round(seconds / 360) / 10)} h`
    : `${amount(seconds / 86_400)} days`;
}

/** Like `95 %` or `99.95 %`. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${Number((share * 100).toFixed(2))} %` : "an unknown share";
}

/**
 * z with P(Z ≤ z) = p for a standard normal Z: rational approximation of Acklam (2003), relative error below 1.2e-9. `p` is cut to
 * [1e-9, 1 − 1e-9].
 */
export function normalQuantile(p: number): number {
  const q = Math.min(1 - 1e-9, Math.max(1e-9, p));
  if (q > 0.97575) return -lowerTail(1 - q);
  return q < 0.02425 ? lowerTail(q) : centre(q - 0.5);
}

const A = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
];
const B = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

function lowerTail(p: number): number {
  const q = Math.sqrt(-2 * Math.log(p));
  return polynomial(C, q) / polynomial(D, q);
}

function centre(q: number): number {
  return (polynomial(A, q * q) * q) / polynomial(B, q * q);
}
