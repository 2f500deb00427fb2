/** Something that was under way from one moment to another. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** The smallest value that at least this share (0 to 1) of the values do not exceed: the nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = requireSome(values).toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = requireSome(values).toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** The median of the ratios of what was measured side by side, so that a machine that slows down slows both. */
export function pairedRatio(numerators: readonly number[], denominators: readonly number[]): number {
  if (numerators.length !== denominators.length) {
    throw new RangeError(`${numerators.length} measurements cannot be paired with ${denominators.length}`);
  }
  return median(numerators.map((value, index) => value / (denominators[index] ?? Number.NaN)));
}

/** From the span that ended last back to the one that ended last before it began, and so on; in the order of time. */
export function chainOf<S extends Span>(spans: readonly S[]): S[] {
  const chain: S[] = [];
  for (let last = lastEnded(spans); last !== undefined; last = lastEnded(endedBefore(spans, last))) chain.unshift(last);
  return chain;
}

export function durationOf({ startMs, endMs }: Span): number {
  return endMs - startMs;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A span without duration is never before itself, so that the way back ends. */
function endedBefore<S extends Span>(spans: readonly S[], { startMs }: Span): S[] {
  return spans.filter((span) => span.endMs <= startMs && span.startMs < startMs);
}

function lastEnded<S extends Span>(spans: readonly S[]): S | undefined {
  return spans.toSorted((a, b) => b.endMs - a.endMs)[0];
}

function requireSome(values: readonly number[]): readonly number[] {
  if (values.length === 0) throw new RangeError('Nothing was measured');
  return values;
}
