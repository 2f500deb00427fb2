import { csiNodes, nodeNamed, pods, podsOfNamespace } from '../commands/cluster.ts';
import { deletePod } from '../commands/cluster-changes.ts';
import type { Listener } from '../commands/port-holders.ts';
import { listenersOf, ownerOfProcess, restartKubelet } from '../commands/port-holders.ts';
import type { Host } from '../core/command.ts';
import { commandLine, show } from '../core/command.ts';
import type { Finding } from '../core/finding.ts';
import { changes, uses } from '../core/hold.ts';
import type { Check, Step, Verification } from '../core/plan.ts';
import { check, noUndo, verify, within } from '../core/plan.ts';
import { changesWorkload } from './holds.ts';

/** A container of a pod that the API no longer knows, on a port of its node. */
export interface Forgotten extends Listener {
  readonly podUid: string;
}

function heldBy(holders: readonly Forgotten[], now: readonly Listener[]): readonly Forgotten[] {
  return holders.filter(({ port, pid }) => now.some((each) => each.port === port && each.pid === pid));
}

/** kubelet ends, when it starts, the containers of pods that it does not know. */
export function endForgotten(because: Finding, node: Host, holders: readonly Forgotten[]): Step {
  const uids = [...new Set(holders.map(({ podUid }) => podUid))];
  return {
    title: `Restart kubelet on ${node.name}`,
    because,
    before: [
      check(`${node.name} is ready`, nodeNamed(node.name), ({ ready }) => ready),
      check(
        'The same processes still hold these ports',
        listenersOf(node),
        (now) => heldBy(holders, now).length === holders.length,
      ),
      ...holders.map(({ pid, podUid }) =>
        check(
          `Process ${pid} is still of pod ${podUid}`,
          ownerOfProcess(node, pid),
          (owner) => owner.of === 'pod' && owner.podUid === podUid,
        ),
      ),
      check(`The API knows no pod ${uids.join(', ')}`, pods(), (now) => now.every(({ uid }) => !uids.includes(uid))),
    ],
    change: restartKubelet(node),
    after: within(
      180_000,
      verify('These processes hold none of the ports any more', listenersOf(node), (now) => heldBy(holders, now).length === 0),
    ),
    undo: noUndo('A restart cannot be taken back; kubelet goes on with what the API tells it.'),
    holds: [changes('node', node.name)],
    warnings: ['The pods of the node go on; while kubelet starts, nothing on it is started, probed or mounted.'],
  };
}

export function portsFree(node: Host, holders: readonly Forgotten[]): Check {
  return check(
    'None of the forgotten processes holds a port any more',
    listenersOf(node),
    (now) => heldBy(holders, now).length === 0,
  );
}

/** The pod of a driver on one node. */
export interface NodePod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly owner?: { readonly kind: string; readonly name: string } | undefined;
}

export interface OnNode {
  readonly node: string;
  readonly driver: string;
  readonly before: readonly [Check, ...Check[]];
}

/** Deletes the one pod of one node, and waits until its successor has registered: never several nodes at once. */
export function restartNodePod(because: Finding, pod: NodePod, { node, driver, before }: OnNode): Step {
  const { namespace, name, owner } = pod;
  return {
    title: `Start the driver's pod of ${node} anew`,
    because,
    before,
    change: deletePod(pod),
    after: registered(pod, node, driver),
    undo: noUndo('Not needed: its DaemonSet starts another.'),
    holds: [changesWorkload({ namespace, name, owner }), changes('driver', driver), uses('node', node)],
  };
}

export function isThereNotReady({ namespace, uid: wanted }: NodePod): Check {
  return check('This very pod is there and is not ready', podsOfNamespace(namespace), (now) =>
    now.some(({ uid, ready, terminatingAt }) => uid === wanted && !ready && terminatingAt === undefined),
  );
}

/** Both, because a driver registers before all its containers are ready, and a pod may be ready that did not register. */
function registered({ namespace, uid, owner }: NodePod, node: string, driver: string): Verification {
  const [drivers, look] = [csiNodes(), podsOfNamespace(namespace)];
  return {
    says: `All containers of the new pod are ready, and ${driver} is registered on ${node}`,
    line: `${show(drivers.command)}; ${commandLine(look.command)}`,
    withinMs: 300_000,
    holds: async (read) => {
      const [seenDrivers, seenPods] = await Promise.all([read(drivers), read(look)]);
      if (!seenDrivers.known) return { answer: 'unknown', seen: seenDrivers };
      if (!seenPods.known) return { answer: 'unknown', seen: seenPods };
      const isRegistered = seenDrivers.value.some((each) => each.node === node && each.drivers.includes(driver));
      const isReady = seenPods.value.some(
        (pod) =>
          pod.ready && pod.uid !== uid && pod.node === node && pod.owner?.kind === 'DaemonSet' && pod.owner.name === owner?.name,
      );
      return { answer: isRegistered && isReady ? 'yes' : 'no', seen: isRegistered ? seenPods : seenDrivers };
    },
  };
}
