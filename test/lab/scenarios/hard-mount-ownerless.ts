import { kind } from '../site/volumes.ts';
import { podOf, replacePod } from './changes.ts';
import { setMountOptions } from './mount-options.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'hard-mount-ownerless',
  says: 'A pod without owner has the hard mount from before its volume got mount options.',
  prepare: (world) => {
    const technitium = { namespace: 'technitium', name: 'technitium' };
    setMountOptions(world, 'technitium-config', null);
    replacePod(world, technitium);
    setMountOptions(world, 'technitium-config', ['soft', 'timeo=30', 'retrans=3', 'actimeo=5']);
    const { name } = podOf(world, technitium).metadata;
    world.store.patch({ resource: kind('v1', 'pods'), namespace: 'technitium', name }, { metadata: { ownerReferences: null } });
  },
};
