import { timestamp } from '../site/time.ts';
import { kind } from '../site/volumes.ts';
import type { Scenario } from './scenario.ts';

const CRON_JOBS = kind('batch/v1', 'cronjobs');

export const scenario: Scenario = {
  name: 'slow-cache-swept',
  says: 'Nightly copies read what nobody read for long: the cache of ZFS helps little now, and otherwise a lot.',
  prepare: ({ load, store, time }) => {
    load.cache = { sinceBootPercent: 97.2, nowPercent: 71.3, isFull: true };
    load.serverDelayMs = 26;
    const lastScheduleTime = timestamp(time.nowMs - 1_200_000);
    store.patch({ resource: CRON_JOBS, namespace: 'dbaas', name: 'postgresql-backup' }, { status: { lastScheduleTime } });
  },
};
