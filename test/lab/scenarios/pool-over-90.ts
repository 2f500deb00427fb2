import { keepSnapshot } from '../site/snapshots.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'pool-over-90',
  says: 'The pool main is 93 % full, and a big directory that only the snapshots have does not fit into it once more.',
  flavour: 'core',
  prepare: ({ nas }) => {
    for (const pool of nas.pools) if (pool.name === 'main') pool.usedPercent = 93;
    const dataset = nas.disk.addDataset('main/archive', '/mnt/main/archive');
    nas.disk.make('/mnt/main/archive/films', { entries: ['all.mkv'], sizes: { 'all.mkv': 180 * 2 ** 30 } });
    keepSnapshot(nas.disk, dataset, { short: 'auto-2026-04-03_00-00', createdMs: Date.UTC(2026, 3, 3) });
    nas.disk.remove('/mnt/main/archive/films');
    dataset.writtenBytes = 4_096;
  },
};
