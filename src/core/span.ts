/** `2.1 days`, `9 hours`, `40 minutes`, for people. */
export function spanText(seconds: number): string {
  if (seconds >= 2 * 86_400) return `${(seconds / 86_400).toFixed(1).replace(/\.0$/, '')} days`;
  return seconds >= 2 * 3_600 ? `${Math.round(seconds / 3_600)} hours` : `${Math.max(1, Math.round(seconds / 60))} minutes`;
}
