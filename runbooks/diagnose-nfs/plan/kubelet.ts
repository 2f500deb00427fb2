import { csiNodes, nodeNamed, pods, podsOfNamespace } from '../../../src/commands/cluster.ts';
import { deletePod } from '../../../src/commands/cluster-changes.ts';
import type { Pod } from '../../../src/commands/cluster-objects.ts';
import type { Listener } from '../../../src/commands/port-holders.ts';
import { listenersOf, ownerOfProcess, restartKubelet } from '../../../src/commands/port-holders.ts';
import { commandLine, show } from '../../../src/core/command.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { changes, uses } from '../../../src/core/hold.ts';
import type { Check, Step, Verification } from '../../../src/core/plan.ts';
import { check, noUndo, verify, within } from '../../../src/core/plan.ts';
import { nodeHost } from '../../../src/core/site.ts';
import { changesWorkload } from '../../../src/repairs/holds.ts';
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
  const hold = (now: readonly Listener[]) =>
    holders.filter(({ port, pid }) => now.some((each) => each.port === port && each.pid === pid));
  const uids = [...new Set(holders.map(({ podUid }) => podUid))];
  const restart: Step = {
    title: `Restart kubelet on ${node}`,
    because,
    before: [
      check(`${node} is ready`, nodeNamed(node), ({ ready }) => ready),
      check('The same processes still hold these ports', listenersOf(host), (now) => hold(now).length === holders.length),
      ...holders.map(({ pid, podUid }) =>
        check(
          `Process ${pid} is still of pod ${podUid}`,
          ownerOfProcess(host, pid),
          (owner) => owner.of === 'pod' && owner.podUid === podUid,
        ),
      ),
      check(`The API knows no pod ${uids.join(', ')}`, pods(), (now) => now.every(({ uid }) => !uids.includes(uid))),
    ],
    change: restartKubelet(host),
    after: within(
      180_000,
      verify('These processes hold none of the ports any more', listenersOf(host), (now) => hold(now).length === 0),
    ),
    undo: noUndo('A restart cannot be taken back; kubelet goes on with what the API tells it.'),
    holds: [changes('node', node)],
    warnings: ['The pods of the node go on; while kubelet starts, nothing on it is started, probed or mounted.'],
  };
  return [
    restart,
    restartDriver(because, own, {
      node,
      free: check('Nobody else holds the ports', listenersOf(host), (now) => hold(now).length === 0),
    }),
  ];
};

function restartDriver(because: Finding, pod: Pod, { node, free }: { readonly node: string; readonly free: Check }): Step {
  return {
    title: `Start the driver's pod of ${node} anew`,
    because,
    before: [
      free,
      check('This very pod is there and is not ready', podsOfNamespace(pod.namespace), (now) =>
        now.some(({ uid, ready, terminatingAt }) => uid === pod.uid && !ready && terminatingAt === undefined),
      ),
    ],
    change: deletePod(pod),
    after: registered(node, pod),
    undo: noUndo('Not needed: its DaemonSet starts another.'),
    holds: [changesWorkload(pod), uses('node', node)],
  };
}

/** Both, because a driver registers before all its containers are ready, and a pod may be ready that did not register. */
function registered(node: string, { namespace, uid }: Pod): Verification {
  const [drivers, look] = [csiNodes(), podsOfNamespace(namespace)];
  return {
    says: `All containers of the new pod are ready, and ${NFS_DRIVER} is registered on ${node}`,
    line: `${show(drivers.command)}; ${commandLine(look.command)}`,
    withinMs: 300_000,
    holds: async (read) => {
      const [seenDrivers, seenPods] = await Promise.all([read(drivers), read(look)]);
      if (!seenDrivers.known) return { answer: 'unknown', seen: seenDrivers };
      if (!seenPods.known) return { answer: 'unknown', seen: seenPods };
      const isRegistered = seenDrivers.value.some((each) => each.node === node && each.drivers.includes(NFS_DRIVER));
      const isReady = driverPods(seenPods.value, node).some((pod) => pod.ready && pod.uid !== uid);
      return { answer: isRegistered && isReady ? 'yes' : 'no', seen: isRegistered ? seenPods : seenDrivers };
    },
  };
}
