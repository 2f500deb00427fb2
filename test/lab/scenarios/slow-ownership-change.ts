import { kind } from '../site/volumes.ts';
import { podOf, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-ownership-change',
  says: 'A pod of immich has had its mounts for seven minutes and does not start: kubelet changes the group of each of its files.',
  prepare: ({ cluster, store, time, ...world }) => {
    const pod = podOf({ cluster, store, time, ...world }, SERVER_PODS);
    const { namespace = '', name } = pod.metadata;
    const progress = cluster.progressOf(pod);
    if (progress === undefined) throw new Error('The lab has lost a pod');
    store.patch({ resource: kind('v1', 'pods'), namespace, name }, { spec: { securityContext: { fsGroup: 1000 } } });
    cluster.report(pod, 'starting');
    progress.nextMs = time.nowMs + 3_600_000;
    time.advance(420_000);
  },
};
