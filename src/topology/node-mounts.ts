import type { KubeNode } from '../commands/cluster-objects.ts';
import type { Mount } from '../commands/nfs-client.ts';
import { mountsOf } from '../commands/nfs-client.ts';
import type { Reader, Seen } from '../core/reading.ts';
import type { Site } from '../core/site.ts';
import { nodeHost } from '../core/site.ts';
import type { ClusterLook } from './cluster-look.ts';

export interface NodeMounts {
  readonly node: string;
  readonly mounts: Seen<readonly Mount[]>;
}

/** The NFS mounts in the kernel of every node; none where the nodes are not known. */
export function mountsOfNodes({ nodes }: Pick<ClusterLook, 'nodes'>, site: Site, read: Reader): Promise<NodeMounts[]> {
  const names = nodes.known ? nodes.value.map(({ name }) => name) : [];
  return Promise.all(names.map(async (node) => ({ node, mounts: await read(mountsOf(nodeHost(site, node))) })));
}

/** What mountd may call a node. Its list may be old: of a node the kernel's own table counts. */
export function namesOfNodes(nodes: readonly KubeNode[]): readonly string[] {
  return nodes.flatMap(({ name, internalIp }) => [name, ...(internalIp === undefined ? [] : [internalIp])]);
}
