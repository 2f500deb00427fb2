const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What people type for a length of time: `45m`, `4h`, `2d`. Undefined for anything else, also for nothing. */
export function durationOf(text: string): number | undefined {
  const [, number = '', unit = ''] = /^([1-9]\d{0,3})([mhd])$/i.exec(text) ?? [];
  const unitMs = UNITS_MS[unit.toLowerCase()];
  return unitMs === undefined ? undefined : Number(number) * unitMs;
}
