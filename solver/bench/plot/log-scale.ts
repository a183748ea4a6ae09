/** A logarithmic axis: values to coordinates, clipped at its ends, so that a gap of zero lies on the floor of the picture. */
export interface LogScale {
  from: number;
  to: number;
  at(value: number): number;
  /** Powers of ten inside the range. */
  ticks: number[];
}

export function logScale([from, to]: [number, number], [start, end]: [number, number]): LogScale {
  const span = Math.log(to / from);
  const ticks: number[] = [];
  for (let power = Math.ceil(Math.log10(from) - 1e-9); power <= Math.log10(to) + 1e-9; power++)
    // from text: 10 ** -3 is not 0.001
    ticks.push(Number(`1e${power}`));
  return {
    from,
    to,
    ticks,
    at: (value) => start + ((end - start) * Math.log(Math.min(to, Math.max(from, value)) / from)) / span,
  };
}
