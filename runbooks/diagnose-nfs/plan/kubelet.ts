import { nodeHost } from '../../../src/core/site.ts';
import { endForgotten, isThereNotReady, portsFree, restartNodePod } from '../../../src/repairs/driver-pods.ts';
import { forgottenHolders } from '../diagnose/drivers.ts';
import { driverPods, NFS_DRIVER } from '../driver.ts';
import type { Planner } from './planner.ts';

/** First whoever holds the ports is ended, then the driver's pod starts anew; on this node and no other. */
export const freeDriverPorts: Planner = (because, facts) => {
  const node = because.subject;
  const holders = forgottenHolders(facts, node);
  const all = facts.cluster.pods;
  const [own, ...others] = all.known ? driverPods(all.value, node) : [];
  if (holders.length === 0 || own === undefined || others.length > 0 || own.terminatingAt !== undefined) return [];
  const host = nodeHost(facts.site, node);
  return [
    endForgotten(because, host, holders),
    restartNodePod(because, own, { node, driver: NFS_DRIVER, before: [portsFree(host, holders), isThereNotReady(own)] }),
  ];
};
