import type { Pod } from '../../../src/commands/cluster-objects.ts';
import { versionIn } from '../../../src/commands/mount-options.ts';
import * as client from '../../../src/commands/nfs-client.ts';
import { answersOf, inGroups, probeMounts } from '../../../src/commands/nfs-probes.ts';
import { isAtOrBelow } from '../../../src/core/path.ts';
import { isPrintable } from '../../../src/core/quote.ts';
import type { Reader } from '../../../src/core/reading.ts';
import type { Site } from '../../../src/core/site.ts';
import { nodeHost } from '../../../src/core/site.ts';
import type { NfsVolume } from '../../../src/topology/volumes.ts';
import type { MountFacts, NodeFacts } from '../facts.ts';
import { isActive } from '../facts.ts';

export interface NodeTask {
  readonly name: string;
  readonly site: Site;
  readonly server: string;
  /** The service's volumes on the NAS, with all their pods. */
  readonly volumes: readonly NfsVolume[];
}

/** A call to each of the mounts: of many in one session, whatever hangs among them. */
export async function probeAll(task: NodeTask, mounts: readonly client.Mount[], read: Reader): Promise<MountFacts[]> {
  const { name: node, site } = task;
  const wanted = [...Map.groupBy(podsHere(task), ({ pod }) => pod.uid).values()].flatMap((ofPod) => mountsFor(ofPod, mounts));
  const answers = await Promise.all(
    inGroups(wanted.map(({ mount }) => mount.mountPoint)).map(async (group) => {
      return answersOf(await read(probeMounts(nodeHost(site, node), group)), group);
    }),
  );
  return answers.flat().flatMap((answer, index) => {
    const each = wanted[index];
    return each === undefined ? [] : [{ node, ...each, answer }];
  });
}

/** Each takes up to 5 s, and sshd lets ten run at a time. */
const MOST_TESTS = 8;

/** A pod's successor needs all of its volumes: each is mounted afresh where one does not answer or the pod waits. */
export async function testPods(
  task: NodeTask,
  probes: readonly MountFacts[],
  read: Reader,
): Promise<Pick<NodeFacts, 'testMounts' | 'untested'>> {
  const host = nodeHost(task.site, task.name);
  const silent = probes.filter(({ answer }) => answer.known && answer.value.state !== 'answers').map(({ pod }) => pod.uid);
  const here = podsHere(task);
  const hanging = here.filter(({ pod }) => silent.includes(pod.uid));
  const waiting = here.filter(({ pod }) => !silent.includes(pod.uid) && !pod.ready && pod.terminatingAt === undefined);
  const wanted = [hanging, waiting]
    .flatMap((group) => [...Map.groupBy(group, ({ pod }) => pod.uid).values()].flat())
    .map(({ volume }) => ({ volume, old: probes.find((probe) => probe.volume === volume)?.mount }));
  const tests = new Map(
    wanted.map(({ volume: { backing, mountOptions }, old }) => {
      const version = old?.version ?? versionIn(mountOptions);
      return [`${backing.server}:${backing.path}`, { server: backing.server, path: backing.path, ...(version && { version }) }];
    }),
  );
  const all = [...tests.values()];
  const testMounts = await Promise.all(
    all.slice(0, MOST_TESTS).map(async (test) => ({
      node: task.name,
      ...test,
      result: await read(client.testMount(host, test.server, test)),
    })),
  );
  return { testMounts, untested: all.slice(MOST_TESTS).map(({ path }) => path) };
}

interface PodHere {
  readonly pod: Pod;
  readonly volume: NfsVolume;
}

export function podsHere({ name, volumes }: NodeTask): PodHere[] {
  return volumes.flatMap((volume) =>
    volume.pods
      .filter((pod) => pod.node === name && (isActive(pod) || pod.terminatingAt !== undefined))
      .map((pod) => ({ pod, volume })),
  );
}

/** A pod's mounts, each with the volume it is of: a mount below two volumes' paths belongs to the nearer one. */
function mountsFor(ofPod: readonly PodHere[], mounts: readonly client.Mount[]) {
  const nearest = ofPod.toSorted((a, b) => b.volume.backing.path.length - a.volume.backing.path.length);
  return mounts
    .filter((mount) => client.podUidOf(mount) === ofPod[0]?.pod.uid && isPrintable(mount.mountPoint))
    .flatMap((mount) => {
      const here = nearest.find(
        ({ volume: { backing } }) => mount.server === backing.server && isAtOrBelow(mount.remotePath, backing.path),
      );
      return here === undefined ? [] : [{ mount, ...here }];
    });
}
