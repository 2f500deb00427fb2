import type { Pod } from '../../src/commands/cluster-objects.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import type { Facts, Member } from './facts.ts';

export type Part = Diagnosis<Code>;

/** The lists were seen: what else is said stands on them. */
export interface Seeing {
  readonly redis: Facts['redis'];
  readonly members: readonly Member[];
  readonly sets: Known<readonly User[]>;
  readonly pods: Known<readonly Pod[]>;
}
