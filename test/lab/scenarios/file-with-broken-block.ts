import { statusOf } from '../site/pools.ts';
import { prepare } from './files-lost.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'file-with-broken-block',
  says: 'A file that is to be restored has a block that ZFS cannot read any more, and its snapshots share that block.',
  flavour: 'core',
  prepare: (world) => {
    prepare(world);
    const [main] = world.nas.pools;
    if (main === undefined) throw new Error('the lab has a pool');
    statusOf(main, world.nas.flavour).errors.push('/mnt/main/archive/report.pdf');
  },
};
