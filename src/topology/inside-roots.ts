import { Refusal } from '../core/errors.ts';
import { isAtOrBelow } from '../core/path.ts';
import type { Site } from '../core/site.ts';

/** Throws a Refusal for a path that does not lie where the site keeps what it exports. */
export function requireInsideRoots(path: string, { nas }: Site): void {
  const inside = nas.roots.some((root) => isAtOrBelow(path, root));
  if (inside && !/(^|\/)\.\.?(\/|$)/.test(path)) return;
  throw new Refusal('bad-request', `The path must be ${nas.roots.join(' or ')} or lie below, as in ${nas.roots[0]}/immich.`);
}
