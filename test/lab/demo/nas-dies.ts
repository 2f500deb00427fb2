import type { Scenario } from '../scenarios/scenario.ts';
import { addApps, fireForNas, nasGoesDown } from '../site/outage.ts';

/** Only here: it is about what Alertmanager tells, which nobody asks for. */
export const nasDies: Scenario = {
  name: 'nas-dies',
  says: 'The NAS is off, 42 pods stand on it, and Alertmanager tells of it.',
  prepare(world) {
    addApps(world);
    nasGoesDown(world);
    fireForNas(world);
  },
};
