import { logOn } from '../site/nas.ts';
import { kind } from '../site/volumes.ts';
import { nodeOf } from '../site/world.ts';
import { remountAll, replacePod, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

const VOLUMES = kind('v1', 'persistentvolumes');

export const scenario: Scenario = {
  name: 'v3-broken',
  says: 'Since somebody restarted the NFS server, nodes that had mounts by NFSv3 cannot make another; a node without mounts can.',
  flavour: 'scale',
  prepare: (world) => {
    const { nas, store, time } = world;
    for (const name of ['immich-upload', 'immich-library', 'immich-encoded-video', 'immich-profile', 'immich-thumbs']) {
      const mountOptions = ['soft', 'timeo=30', 'retrans=3', 'nfsvers=3'];
      store.patch({ resource: VOLUMES, name }, { spec: { mountOptions } });
    }
    remountAll(world, '3');
    logOn(nas, time.nowMs, { program: 'sh', text: 'nfsdctl: lockd configuration failure' });
    nodeOf(world, 'k8s-node2').brokenVersions.add('3');
    replacePod(world, SERVER_PODS);
  },
};
