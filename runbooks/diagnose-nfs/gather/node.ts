import * as client from '../../../src/commands/nfs-client.ts';
import * as system from '../../../src/commands/node-system.ts';
import type { Host } from '../../../src/core/command.ts';
import type { Reader } from '../../../src/core/reading.ts';
import { nodeHost } from '../../../src/core/site.ts';
import type { NodeFacts } from '../facts.ts';
import { stuckMounters } from '../facts.ts';
import type { NodeTask } from './mounts.ts';
import { podsHere, probeAll, testPods } from './mounts.ts';

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

type MountChain = Pick<NodeFacts, 'mounts' | 'processes' | 'probes' | 'testMounts' | 'untested'>;

/** Table of mounts, then a call to each of the service's, then fresh mounts for the pods whose mounts did not answer. */
async function gatherMounts(task: NodeTask, host: Host, read: Reader): Promise<MountChain> {
  const table = read(client.mountsOf(host));
  const alongside = Promise.all([read(system.processesOf(host)), read(client.portState(host, task.server, 2049))]);
  const mounts = await table;
  const probes = await probeAll(task, mounts.known ? mounts.value : [], read);
  const [processes, port] = await alongside;
  const clientRuns = processes.known && stuckMounters(processes.value).length === 0;
  // Where a call could not even be ended, a mount may wait in the kernel as well, for ever.
  const mayTest = port.known && port.value === 'open' && clientRuns && probes.every(({ answer }) => answer.known);
  const tests = mayTest ? await testPods(task, probes, read) : { testMounts: [], untested: [] };
  return { mounts, processes, probes, ...tests };
}
