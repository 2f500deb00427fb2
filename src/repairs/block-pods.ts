import { BLOCK_DRIVER } from '../commands/block-attachments.ts';
import { csiNodes, nodeNamed, nodes, podsOfNamespace } from '../commands/cluster.ts';
import { deletePod, setCordon } from '../commands/cluster-changes.ts';
import type { Pod } from '../commands/cluster-objects.ts';
import { commandLine, show } from '../core/command.ts';
import type { Finding } from '../core/finding.ts';
import { changes, uses } from '../core/hold.ts';
import type { Check, Step, Verification } from '../core/plan.ts';
import { check, noUndo, verify, within } from '../core/plan.ts';
import { changesWorkload } from './holds.ts';
import { successorsOf } from './pods.ts';

/** The pod of a job gives way to the service that has the volume; the next one may run where the service does. */
export function giveWay(pod: Pod, holder: Pod, because: Finding): Step {
  const look = podsOfNamespace(holder.namespace);
  return {
    title: `Delete pod ${pod.namespace}/${pod.name}, which waits for a volume in use`,
    because,
    before: [
      stillWaits(pod),
      check(`${holder.namespace}/${holder.name} still runs, is ready and has the volume`, look, (pods) =>
        pods.some(({ uid, ready, terminatingAt }) => uid === holder.uid && ready && terminatingAt === undefined),
      ),
    ],
    change: deletePod(pod),
    after: within(
      (pod.gracePeriodS + 60) * 1000,
      verify('The pod is gone', podsOfNamespace(pod.namespace), (pods) => pods.every(({ uid }) => uid !== pod.uid)),
    ),
    undo: noUndo('Not needed: its job, or the next one of its schedule, makes another.'),
    holds: [changesWorkload(pod), uses('node', pod.node ?? holder.node ?? '')],
    warnings: ['Without a podAffinity in its template the next pod may wait in the same way.'],
  };
}

/** A pod that never started is made again, where the scheduler finds room. */
export function startElsewhere(pod: Pod, known: readonly string[], because: Finding): Step | undefined {
  const { node, namespace, name } = pod;
  if (node === undefined || pod.owner === undefined) return undefined;
  const look = podsOfNamespace(namespace);
  return {
    title: `Delete waiting pod ${namespace}/${name}, so that it starts on another node`,
    because,
    before: [stillWaits(pod), check(`${node} takes no more pods`, nodeNamed(node), ({ cordoned }) => cordoned)],
    change: deletePod(pod),
    after: within(
      300_000,
      verify('The pod is gone and a new one of its owner is ready', look, (now) => successorsOf(now, pod, known).length > 0),
    ),
    undo: noUndo('Not needed: its owner starts a new pod.'),
    holds: [changesWorkload(pod), uses('node', node)],
  };
}

/** No more pods there until somebody gives the node back. */
export function cordonFull(node: string, because: Finding): Step {
  const look = nodeNamed(node);
  return {
    title: `Cordon ${node}`,
    because,
    before: [
      check(`${node} takes pods`, look, ({ cordoned }) => !cordoned),
      check('Another node is ready and takes pods', nodes(), (all) =>
        all.some(({ name, ready, cordoned, controlPlane }) => name !== node && ready && !cordoned && !controlPlane),
      ),
    ],
    change: setCordon(node, true),
    after: verify(`${node} takes no more pods`, look, ({ cordoned }) => cordoned),
    undo: {
      change: setCordon(node, false),
      before: [check(`${node} takes no pods`, look, ({ cordoned }) => cordoned)],
      after: verify(`${node} takes pods again`, look, ({ cordoned }) => !cordoned),
    },
    holds: [changes('node', node)],
    warnings: [`It stays cordoned until there is room: uncordon it by the undo of this run, or kubectl uncordon ${node}.`],
  };
}

export interface DriverSituation {
  readonly node: string;
  /** The driver's pod there. */
  readonly pod: Pod;
  /** That of the pod network, which must come first. */
  readonly network: Pod;
  readonly because: Finding;
}

export function restartBlockDriver({ node, pod, network, because }: DriverSituation): Step {
  return {
    title: `Start the pod of the block driver on ${node} anew`,
    because,
    before: [
      check(`The pod of the network on ${node} is ready`, podsOfNamespace(network.namespace), (pods) =>
        pods.some((each) => each.node === node && each.ready && each.owner?.name === network.owner?.name),
      ),
      check('This very pod of the driver is there', podsOfNamespace(pod.namespace), (pods) =>
        pods.some(({ uid, terminatingAt }) => uid === pod.uid && terminatingAt === undefined),
      ),
      notRegistered(node),
    ],
    change: deletePod(pod),
    after: registered(node, pod),
    undo: noUndo('Not needed: its DaemonSet starts another.'),
    holds: [changesWorkload(pod), changes('driver', BLOCK_DRIVER), uses('node', node)],
    warnings: ['Pods that have their volumes mounted go on meanwhile.'],
  };
}

function notRegistered(node: string): Check {
  return check(`The driver is not registered on ${node}`, csiNodes(), (all) =>
    all.every((each) => each.node !== node || !each.drivers.includes(BLOCK_DRIVER)),
  );
}

function registered(node: string, { namespace, uid, owner }: Pod): Verification {
  const [drivers, look] = [csiNodes(), podsOfNamespace(namespace)];
  return {
    says: `The new pod is ready, and ${BLOCK_DRIVER} is registered on ${node}`,
    line: `${show(drivers.command)}; ${commandLine(look.command)}`,
    withinMs: 300_000,
    holds: async (read) => {
      const [seen, pods] = await Promise.all([read(drivers), read(look)]);
      if (!seen.known) return { answer: 'unknown', seen };
      if (!pods.known) return { answer: 'unknown', seen: pods };
      const isRegistered = seen.value.some((each) => each.node === node && each.drivers.includes(BLOCK_DRIVER));
      const isReady = pods.value.some(
        (each) => each.node === node && each.ready && each.uid !== uid && each.owner?.name === owner?.name,
      );
      return { answer: isRegistered && isReady ? 'yes' : 'no', seen: isRegistered ? pods : seen };
    },
  };
}

/** That this very pod still waits, with none of its containers started. */
export function stillWaits({ namespace, name, uid, node }: Pod): Check {
  return check(`Pod ${namespace}/${name} still waits on ${node ?? 'its node'}`, podsOfNamespace(namespace), (pods) =>
    pods.some((each) => each.uid === uid && each.phase === 'Pending' && each.terminatingAt === undefined),
  );
}
