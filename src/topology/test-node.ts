import { processesOf } from '../commands/node-system.ts';
import type { Host } from '../core/command.ts';
import type { Reader } from '../core/reading.ts';
import type { Site } from '../core/site.ts';
import { nodeHost } from '../core/site.ts';
import type { ClusterLook } from './cluster-look.ts';

/** The first node by name that can make a fresh mount: it is ready, and no mount waits in its kernel, where another would as well. */
export async function nodeForTestMount(
  { nodes }: Pick<ClusterLook, 'nodes'>,
  site: Site,
  read: Reader,
): Promise<Host | undefined> {
  const ready = nodes.known ? nodes.value.filter((node) => node.ready && !node.controlPlane && !node.cordoned) : [];
  const hosts = ready
    .map(({ name }) => name)
    .toSorted()
    .map((name) => nodeHost(site, name));
  const free = await Promise.all(
    hosts.map(async (host) => {
      const processes = await read(processesOf(host));
      return processes.known && !processes.value.some(({ state, program }) => state === 'D' && program.startsWith('mount.nfs'));
    }),
  );
  return hosts.find((_host, index) => free[index]);
}
