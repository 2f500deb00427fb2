import { createHash } from 'node:crypto';

/** JSON in which equal values have equal text: keys in order, nothing undefined. Each text goes through `clean` first. */
export function canonical(value: unknown, clean: (text: string) => string = (text) => text): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'string') return clean(inner);
    return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inOrder(inner) : inner;
  });
}

/** SHA-256 of the canonical JSON, hexadecimal. */
export function sha256Of(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

function inOrder(object: object): object {
  return Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
