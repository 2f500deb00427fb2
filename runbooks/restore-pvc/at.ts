import type { LogicalVolume } from '../../src/commands/logical-volumes.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Facts } from './facts.ts';
import type { Place } from './identity.ts';
import type { Stage } from './state.ts';

/** What the obstacles are looked for with: where the claim leads, and how far the restore is. */
export interface At {
  readonly facts: Facts;
  readonly place: Place;
  readonly logical: Known<readonly LogicalVolume[]>;
  readonly stage: Stage;
}
