import { kind } from '../site/volumes.ts';
import type { Scenario } from './scenario.ts';
import { scenario as backupFloods } from './slow-backup-floods.ts';

const CRON_JOBS = kind('batch/v1', 'cronjobs');

export const scenario: Scenario = {
  name: 'slow-backup-floods-alone',
  says: 'A nightly dump floods the disk under the NAS; its CronJob starts no other before it is over.',
  prepare: (world) => {
    const patch = { spec: { concurrencyPolicy: 'Forbid' } };
    world.store.patch({ resource: CRON_JOBS, namespace: 'dbaas', name: 'postgresql-backup' }, patch);
    backupFloods.prepare(world);
  },
};
