import { userInfo } from 'node:os';
import type { Actor } from '../core/run.ts';

/** Who sits at this terminal, as a policy names them: `cli:` and the user's name. */
export function localUser(): Actor {
  const name = userName();
  return { id: `cli:${name}`, name };
}

/** A container's user often has no name, and then none that a policy could name as an approver. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
