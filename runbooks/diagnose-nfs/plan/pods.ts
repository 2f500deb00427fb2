import { podsOfNamespace } from '../../../src/commands/cluster.ts';
import { deletePod } from '../../../src/commands/cluster-changes.ts';
import type { Mount } from '../../../src/commands/nfs-client.ts';
import { mountsOf, probeMount, testMount } from '../../../src/commands/nfs-client.ts';
import { detachMount } from '../../../src/commands/node-system.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { Hold } from '../../../src/core/hold.ts';
import { allHolds, uses } from '../../../src/core/hold.ts';
import type { Check, Step } from '../../../src/core/plan.ts';
import { check, noUndo, verify, within } from '../../../src/core/plan.ts';
import { nodeHost } from '../../../src/core/site.ts';
import { changesWorkload, usesClaim, usesDatasetOf, usesExport, usesNas } from '../../../src/repairs/holds.ts';
import { isAlive, noStuckMounter, successorsOf } from '../../../src/repairs/pods.ts';
import type { Facts, MountFacts } from '../facts.ts';
import { volumesOfPod } from '../facts.ts';

/** One pod at a time: each step is approved, verified and followed by the next. */
export function restartPod(because: Finding, facts: Facts): readonly Step[] {
  const held = mountOf(because, facts);
  const { pods } = facts.cluster;
  if (held === undefined || held.pod.owner === undefined || !pods.known) return [];
  const { pod, node, mount } = held;
  const inStatefulSet = held.pod.owner.kind === 'StatefulSet';
  const look = podsOfNamespace(pod.namespace);
  const known = pods.value.map(({ uid }) => uid);
  return [
    {
      title: `Restart pod ${pod.namespace}/${pod.name}`,
      because,
      before: [
        check('This very pod still runs, and its owner will make another', look, (now) =>
          now.some((each) => isAlive(each, pod.uid)),
        ),
        check(
          'Its mount still does not answer',
          probeMount(nodeHost(facts.site, node), mount.mountPoint),
          ({ state }) => state !== 'answers',
        ),
        ...freshMounts(facts, held),
        noStuckMounter(nodeHost(facts.site, node)),
      ],
      change: deletePod(pod),
      after: within(
        (pod.gracePeriodS + 120) * 1000,
        verify('The pod is gone and a new one of its owner is ready', look, (now) => successorsOf(now, pod, known).length > 0),
      ),
      undo: noUndo('Not needed: its owner starts a new pod.'),
      holds: holdsOf(held, facts),
      ...(inStatefulSet && { warnings: ['It belongs to a StatefulSet: it is absent until its successor is ready.'] }),
    },
  ];
}

/** A successor must be able to mount everything: asked as in the diagnosis. */
function freshMounts(facts: Facts, { node, pod, volume }: MountFacts): Check[] {
  const { site, nodes } = facts;
  const needed = volumesOfPod(facts, pod).map(({ backing }) => backing);
  const tests = (nodes.find(({ name }) => name === node)?.testMounts ?? []).filter(({ server, path }) =>
    needed.some((each) => each.server === server && each.path === path),
  );
  const own = tests.filter(({ path }) => path === volume.backing.path);
  const others = tests.filter((test) => !own.includes(test));
  return [...own, ...others].map((test) =>
    check(
      `A fresh mount of ${test.path} works on the node of ${pod.name}`,
      testMount(nodeHost(site, node), test.server, test),
      (result) => result === 'mounts',
    ),
  );
}

/** Detaches this pod's mounts that do not answer and no other, so that kubelet can finish the pod; force is never the first step. */
export function releasePod(because: Finding, facts: Facts): readonly Step[] {
  const cited = mountOf(because, facts);
  if (cited === undefined) return [];
  const silent = facts.nodes
    .flatMap(({ probes }) => probes)
    .filter(({ pod, answer }) => pod.uid === cited.pod.uid && answer.known && answer.value.state !== 'answers');
  const all = [cited, ...silent.filter((each) => each !== cited)];
  return all.map((held, index) => detach(because, held, { facts, isLast: index === all.length - 1 }));
}

function detach(
  because: Finding,
  held: MountFacts,
  { facts, isLast }: { readonly facts: Facts; readonly isLast: boolean },
): Step {
  const { pod, node, mount } = held;
  const host = nodeHost(facts.site, node);
  const look = podsOfNamespace(pod.namespace);
  const isThere = (mounts: readonly Mount[]) => mounts.some(({ mountPoint }) => mountPoint === mount.mountPoint);
  return {
    title: `Detach the mount that pod ${pod.namespace}/${pod.name} does not let go`,
    because,
    before: [
      check('This very pod is still being ended', look, (pods) =>
        pods.some(({ uid, terminatingAt }) => uid === pod.uid && terminatingAt !== undefined),
      ),
      check('Its mount is still there', mountsOf(host), isThere),
      check('Its mount still does not answer', probeMount(host, mount.mountPoint), ({ state }) => state !== 'answers'),
      ...freshMounts(facts, held),
      noStuckMounter(host),
    ],
    change: detachMount(host, mount.mountPoint),
    after: isLast
      ? within(
          120_000,
          verify('The pod is gone', look, (pods) => pods.every(({ uid }) => uid !== pod.uid)),
        )
      : verify('The mount is detached', mountsOf(host), (mounts) => !isThere(mounts)),
    undo: noUndo('Not needed: kubelet mounts the share again for the next pod.'),
    holds: holdsOf(held, facts),
    warnings: ['What the pod had not written yet is lost; over a stale handle it could not have been written anyway.'],
  };
}

/** The pod ends, and its successor must be able to mount everything that it mounted. */
function holdsOf({ pod, node }: MountFacts, facts: Facts): [Hold, ...Hold[]] {
  const { datasets } = facts.nas;
  const below = volumesOfPod(facts, pod).flatMap((volume) => [
    ...usesClaim(volume),
    usesExport(volume.backing.path),
    ...(datasets?.known ? usesDatasetOf(datasets.value, volume.backing.path) : []),
  ]);
  return [changesWorkload(pod), uses('node', node), ...allHolds([...below, usesNas(facts.site)])];
}

/** The mount that the finding cites: of this pod, and not answering. */
function mountOf(finding: Finding, { nodes }: Facts): MountFacts | undefined {
  return nodes
    .flatMap(({ probes }) => probes)
    .find(
      ({ pod, answer }) => `${pod.namespace}/${pod.name}` === finding.subject && finding.seen.some((seen) => seen === answer),
    );
}
