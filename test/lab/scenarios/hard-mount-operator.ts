import { kind } from '../site/volumes.ts';
import { replacePod } from './changes.ts';
import { setMountOptions } from './mount-options.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'hard-mount-operator',
  says: 'The volume of a StatefulSet that an operator made has no mount options, so it is mounted hard.',
  prepare: (world) => {
    setMountOptions(world, 'forgejo-data', null);
    replacePod(world, { namespace: 'forgejo', name: 'forgejo' });
    const ownerReferences = [
      {
        apiVersion: 'forge.lab.lan/v1',
        kind: 'ForgejoCluster',
        name: 'forgejo',
        uid: '5d0c4c8e-0d0a-4b6f-9a55-6d1d5a0f0001',
        controller: true,
      },
    ];
    const name = { resource: kind('apps/v1', 'statefulsets'), namespace: 'forgejo', name: 'forgejo' };
    world.store.patch(name, { metadata: { ownerReferences } });
  },
};
