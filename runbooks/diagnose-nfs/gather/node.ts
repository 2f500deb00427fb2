import * as client from '../../../src/commands/nfs-client.ts';
import * as system from '../../../src/commands/node-system.ts';
import type { Host } from '../../../src/core/command.ts';
import type { Reader } from '../../../src/core/reading.ts';
import type { Site } from '../../../src/core/site.ts';
import { nodeHost } from '../../../src/core/site.ts';
import type { NfsVolume } from '../../../src/topology/volumes.ts';
import type { MountFacts, NodeFacts, TestMountFacts } from '../facts.ts';
import { stuckMounters } from '../facts.ts';

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

/** Table of mounts, then a call to each of the service's, then fresh mounts of the paths that did not answer. */
async function gatherMounts(task: NodeTask, host: Host, read: Reader): Promise<MountChain> {
  const [mounts, processes, port] = await Promise.all([
    read(client.mountsOf(host)),
    read(system.processesOf(host)),
    read(client.portState(host, task.server, 2049)),
  ]);
  const found = mounts.known ? mounts.value : [];
  const probes = await Promise.all(
    podsHere(task).flatMap(({ pod, volume }) =>
      found
        .filter((mount) => client.podUidOf(mount) === pod.uid && isOf(mount, volume))
        .map(async (mount): Promise<MountFacts> => {
          return { node: task.name, mount, pod, volume, answer: await read(client.probeMount(host, mount.mountPoint)) };
        }),
    ),
  );
  const mayTest = port.known && port.value === 'open' && processes.known && stuckMounters(processes.value).length === 0;
  const testMounts = mayTest ? await testPaths(task, probes, read) : [];
  return { mounts, processes, probes, testMounts };
}

async function testPaths(task: NodeTask, probes: readonly MountFacts[], read: Reader): Promise<TestMountFacts[]> {
  const host = nodeHost(task.site, task.name);
  const silent = probes.filter(({ answer }) => !answer.known || answer.value.state !== 'answers').map(({ volume }) => volume);
  const waiting = podsHere(task)
    .filter(({ pod }) => !pod.ready && pod.terminatingAt === undefined)
    .map(({ volume }) => volume);
  const paths = [...new Set([...silent, ...waiting].map(({ backing }) => backing.path))].toSorted();
  return Promise.all(
    paths.map(async (path) => ({ node: task.name, path, result: await read(client.testMount(host, task.server, path)) })),
  );
}

function podsHere({ name, volumes }: NodeTask) {
  return volumes.flatMap((volume) => volume.pods.filter((pod) => pod.node === name).map((pod) => ({ pod, volume })));
}

/** A pod may mount a directory below the volume's. */
function isOf(mount: client.Mount, { backing }: NfsVolume): boolean {
  return (
    mount.server === backing.server && (mount.remotePath === backing.path || mount.remotePath.startsWith(`${backing.path}/`))
  );
}
