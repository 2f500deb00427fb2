import { scenario as pathMissing } from './path-missing.ts';
import type { Scenario } from './scenario.ts';

const PAPERLESS = '/mnt/main/paperless';

/** What stands in the way of a new export, or only seems to. */
export const exportsToAdd: readonly Scenario[] = [
  {
    name: 'dataset-of-its-own',
    says: 'The new service has a dataset of its own, mounted where it belongs.',
    prepare: ({ nas }) => void nas.disk.addDataset('main/paperless', PAPERLESS),
  },
  {
    name: 'dataset-not-mounted-yet',
    says: 'The new service has a dataset of its own, which is not mounted.',
    prepare: ({ nas }) => {
      nas.disk.addDataset('main/paperless', PAPERLESS).mounted = false;
    },
  },
  {
    name: 'dataset-elsewhere',
    says: "A dataset with the new service's name is mounted at another place.",
    prepare: ({ nas }) => void nas.disk.addDataset('main/paperless', '/mnt/main/archive'),
  },
  {
    name: 'datasets-below',
    says: "Below the new service's directory there is a dataset of its own.",
    prepare: ({ nas }) => {
      nas.disk.make(PAPERLESS, { mode: 0o777 });
      nas.disk.addDataset('main/paperless/media', `${PAPERLESS}/media`);
    },
  },
  {
    name: 'pool-degraded',
    says: 'A disk of the pool main has failed; all else is well.',
    prepare: ({ nas }) => {
      for (const pool of nas.pools) if (pool.name === 'main') pool.health = 'DEGRADED';
    },
  },
  {
    name: 'path-missing-in-script',
    says: 'A script makes the exports, and a directory that it names no longer exists.',
    flavour: 'core',
    prepare: (world) => {
      world.nas.middleware = false;
      pathMissing.prepare(world);
    },
  },
];
