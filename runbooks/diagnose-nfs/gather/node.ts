import type { Pod } from '../../../src/commands/cluster-objects.ts';
import * as client from '../../../src/commands/nfs-client.ts';
import * as system from '../../../src/commands/node-system.ts';
import type { Host } from '../../../src/core/command.ts';
import type { Reader } from '../../../src/core/reading.ts';
import type { Site } from '../../../src/core/site.ts';
import { nodeHost } from '../../../src/core/site.ts';
import { isAtOrBelow } from '../../../src/topology/exported.ts';
import type { NfsVolume } from '../../../src/topology/volumes.ts';
import type { MountFacts, NodeFacts, TestMountFacts } from '../facts.ts';
import { isActive, stuckMounters } from '../facts.ts';

export interface NodeTask {
  readonly name: string;
  readonly site: Site;
  readonly server: string;
  /** The service's volumes on the NAS, with all their pods. */
  readonly volumes: readonly NfsVolume[];
}

/** Everything about one node: asked at once, but for what depends on its table of mounts. */
export async function gatherNode(task: NodeTask, read: Reader): Promise<NodeFacts> {
  const { name, site, server } = task;
  const host = nodeHost(site, name);
  const neighbour = site.nasNeighbour;
  const terminating = podsHere(task).some(({ pod }) => pod.terminatingAt !== undefined);
  const chain = gatherMounts(task, host, read);
  const [port, exports, nullCall, kernel, reached, clock] = await Promise.all([
    read(client.portState(host, server, 2049)),
    read(client.exportsOf(host, server)),
    read(client.nullCall(host, server, 4)),
    read(system.nfsKernelLines(host)),
    neighbour && read(client.portState(host, neighbour.address, neighbour.port)),
    terminating ? read(system.clockOf(host)) : undefined,
  ]);
  return {
    name,
    port,
    exports,
    nullCall,
    kernel,
    ...(reached && { neighbour: reached }),
    ...(clock && { clock }),
    ...(await chain),
  };
}

type MountChain = Pick<NodeFacts, 'mounts' | 'processes' | 'probes' | 'testMounts'>;

/** Table of mounts, then a call to each of the service's, then fresh mounts for the pods whose mounts did not answer. */
async function gatherMounts(task: NodeTask, host: Host, read: Reader): Promise<MountChain> {
  const alongside = Promise.all([read(system.processesOf(host)), read(client.portState(host, task.server, 2049))]);
  const mounts = await read(client.mountsOf(host));
  const probes = await Promise.all(
    podsHere(task).flatMap(({ pod, volume }) =>
      mountsFor(task, pod, mounts.known ? mounts.value : [])
        .filter((mount) => mount.volume === volume)
        .map(async ({ mount }): Promise<MountFacts> => {
          return { node: task.name, mount, pod, volume, answer: await read(client.probeMount(host, mount.mountPoint)) };
        }),
    ),
  );
  const [processes, port] = await alongside;
  const clientRuns = processes.known && stuckMounters(processes.value).length === 0;
  // Where a call could not even be ended, a mount may wait in the kernel as well, for ever.
  const mayTest = port.known && port.value === 'open' && clientRuns && probes.every(({ answer }) => answer.known);
  const testMounts = mayTest ? await testPods(task, probes, read) : [];
  return { mounts, processes, probes, testMounts };
}

/** A pod's successor needs all of its volumes: each is mounted afresh where one does not answer or the pod waits. */
async function testPods(task: NodeTask, probes: readonly MountFacts[], read: Reader): Promise<TestMountFacts[]> {
  const host = nodeHost(task.site, task.name);
  const silent = probes.filter(({ answer }) => answer.known && answer.value.state !== 'answers').map(({ pod }) => pod.uid);
  const wanted = podsHere(task)
    .filter(({ pod }) => silent.includes(pod.uid) || (!pod.ready && pod.terminatingAt === undefined))
    .map(({ volume }) => ({ volume, old: probes.find((probe) => probe.volume === volume)?.mount }));
  const tests = new Map(
    wanted.map(({ volume: { backing, mountOptions }, old }) => {
      const version = old?.version ?? versionIn(mountOptions);
      return [`${backing.server}:${backing.path}`, { server: backing.server, path: backing.path, ...(version && { version }) }];
    }),
  );
  return Promise.all(
    [...tests.values()].map(async (test) => ({
      node: task.name,
      ...test,
      result: await read(client.testMount(host, test.server, test)),
    })),
  );
}

function versionIn(mountOptions: readonly string[]): string | undefined {
  return mountOptions.map((option) => /^(?:nfs)?vers=(.+)$/.exec(option)?.[1]).find((version) => version !== undefined);
}

function podsHere({ name, volumes }: NodeTask) {
  return volumes.flatMap((volume) =>
    volume.pods
      .filter((pod) => pod.node === name && (isActive(pod) || pod.terminatingAt !== undefined))
      .map((pod) => ({ pod, volume })),
  );
}

/** The pod's mounts, each with the volume it is of: a mount below two volumes' paths belongs to the nearer one. */
function mountsFor(task: NodeTask, pod: Pod, mounts: readonly client.Mount[]) {
  const volumes = podsHere(task)
    .filter((here) => here.pod.uid === pod.uid)
    .map(({ volume }) => volume)
    .toSorted((a, b) => b.backing.path.length - a.backing.path.length);
  return mounts
    .filter((mount) => client.podUidOf(mount) === pod.uid)
    .flatMap((mount) => {
      const volume = volumes.find(
        ({ backing }) => mount.server === backing.server && isAtOrBelow(mount.remotePath, backing.path),
      );
      return volume === undefined ? [] : [{ mount, volume }];
    });
}
