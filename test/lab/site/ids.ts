import { createHash } from 'node:crypto';

const made = new Map<string, string>();

/** The same few thousand are asked for again in every simulated second. */
function once(key: string, make: () => string): string {
  const known = made.get(key) ?? make();
  made.set(key, known);
  return known;
}

function hexOf(seed: string): string {
  return createHash('sha256').update(seed).digest('hex');
}

/** The same uid for the same words. */
export function uidOf(seed: string): string {
  return once(`uid ${seed}`, () => {
    const hex = hexOf(seed);
    return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
  });
}

/** The last part of a generated name: Kubernetes leaves out vowels and what looks alike. */
export function suffixOf(seed: string, length: number): string {
  return once(`${length} ${seed}`, () => {
    const letters = 'bcdfghjklmnpqrstvwxz2456789';
    const bytes = createHash('sha256').update(seed).digest();
    return [...bytes.subarray(0, length)].map((byte) => letters[byte % letters.length]).join('');
  });
}

/** A process id between 400 and 400,000. */
export function pidOf(seed: string): number {
  return 400 + (Number.parseInt(hexOf(seed).slice(0, 6), 16) % 399_600);
}
