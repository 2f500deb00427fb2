import type { Pod } from '../commands/cluster-objects.ts';
import { isLiving } from './stopped-users.ts';

/** As the DNS of the cluster answers for an address: `redis-node-0.redis-headless.redis.svc.cluster.local`, `10-10-36-12.hackmd.pod.cluster.local`. */
const NAME = /^([^.]+)\.(?:([^.]+)\.)?([^.]+)\.(svc|pod)\.cluster\.local\.?$/i;

/** The address of the one pod that has this name; undefined where none has it, or more than one may. */
export function addressOfName(pods: readonly Pod[], name: string): string | undefined {
  const [, host = '', service, namespace, kind] = NAME.exec(name)?.map((part) => part?.toLowerCase()) ?? [];
  if ((kind === 'svc') !== (service !== undefined)) return undefined;
  const own = pods.filter((pod) => pod.namespace === namespace && isLiving(pod));
  const [one, ...more] = own.filter((pod) => isCalled(pod, host, service));
  return more.length === 0 ? one?.ip : undefined;
}

/** A service names its pods by their own host name, by the name of the pod, or by the address with dashes; without one there is only that. */
function isCalled({ name, ip = '', spec }: Pod, host: string, service: string | undefined): boolean {
  if (ip.replaceAll(/[.:]/g, '-') === host) return true;
  return service !== undefined && (name === host || (spec.hostname === host && spec.subdomain === service));
}
