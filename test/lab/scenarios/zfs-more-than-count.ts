import type { Scenario } from './scenario.ts';
import { damage, deviceOf } from './zfs-changes.ts';

export const scenario: Scenario = {
  name: 'zfs-more-than-count',
  says: 'The configuration knows that the pool main has 56 errors, and not which; it has 58.',
  prepare: (world) => {
    const { errors } = damage(world);
    errors.push('/mnt/main/forgejo/data/a repository/HEAD', '/mnt/main/forgejo/data/index');
    world.nas.zfsBaseline = { main: { errors: 56, checksums: { [deviceOf(world, 2).name]: 112 } } };
  },
};
