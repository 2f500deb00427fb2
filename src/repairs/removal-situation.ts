import type { Check } from '../core/plan.ts';
import type { Known } from '../core/reading.ts';
import type { ExportSituation } from './export-checks.ts';
import { pathsIn } from './export-checks.ts';

/** What the removal of an export is planned from: all of it was seen, and nothing uses the path. */
export interface RemovalSituation extends Omit<ExportSituation, 'unused' | 'exists'> {
  /** That still nothing uses it. */
  readonly unused: readonly Check[];
  /** The server's main file to the byte, and the file of this path in /etc/exports.d: Debian only. */
  readonly mainText?: Known<string>;
  readonly ownText?: Known<string | undefined>;
}

export const KEEPS_DATA = 'The directory and all that lies in it stay on the NAS as they are.';
export const MAY_BE_MOUNTED =
  'A client outside of the cluster that mounts it by NFSv4 is seen nowhere: it gets "Stale file handle" at once.';

/** The paths in force once this one is gone. */
export function othersThan({ path, active }: Pick<RemovalSituation, 'path' | 'active'>): readonly string[] {
  return pathsIn(active.value).filter((each) => each !== path);
}
