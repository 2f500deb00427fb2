import type { Flavour } from '../../../src/commands/nas.ts';
import type { World } from '../site/world.ts';

/** Something that is wrong with the site, or nothing. */
export interface Scenario {
  readonly name: string;
  /** What is the matter, in one sentence. */
  readonly says: string;
  /** The server it happens to; TrueNAS CORE unless given. */
  readonly flavour?: Flavour;
  /** Makes the healthy world so. Nothing else knows of the scenario. */
  readonly prepare: (world: World) => void;
}
