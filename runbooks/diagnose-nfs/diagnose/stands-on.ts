import type { Evidence } from '../../../src/core/finding.ts';
import { ok } from '../../../src/core/finding.ts';
import type { ServiceVolume } from '../../../src/topology/volumes.ts';
import type { Facts } from '../facts.ts';
import { number } from './many.ts';

/** What was asked about stands on: always said, so that a wrong target is seen at once. */
export function standsOn(facts: Facts): Evidence[] {
  const { service, volumes, cluster, target } = facts;
  if (service === undefined || !cluster.pods.known || !cluster.volumes.known) return [];
  const others = service.volumes.filter((volume) => !volumes.some((each) => each === volume));
  const says =
    target === 'service'
      ? [
          `${service.is} has ${number(volumes.length, 'volume')} on this NAS${volumes.length === 0 ? '' : `: ${volumes.map(placeOf).join('; ')}`}`,
          ...(others.length === 0 ? [] : [`not on this NAS: ${others.map(nameOf).join(', ')}`]),
          ...(service.orphans.length === 0 ? [] : [`mounted by nothing: ${service.orphans.map(({ name }) => name).join(', ')}`]),
        ]
      : [
          `${service.is} has ${number(volumes.length, 'volume')} on this NAS, used by ${number(service.pods.length, 'pod')} on ${number(nodesOf(facts), 'node')}`,
          ...(others.length === 0 ? [] : [`not on this NAS: ${countsOf(others)}`]),
          ...(service.orphans.length === 0 ? [] : [`mounted by nothing: ${number(service.orphans.length, 'claim')}`]),
        ];
  return [ok(says.join('. '), cluster.pods, cluster.volumes)];
}

function nodesOf({ service }: Facts): number {
  return new Set(service?.pods.flatMap(({ node }) => (node === undefined ? [] : [node]))).size;
}

function placeOf({ name, backing, pods }: Facts['volumes'][number]): string {
  return `${name} → ${backing.server}:${backing.path} (${number(pods.length, 'pod')})`;
}

function nameOf(volume: ServiceVolume): string {
  return `${volume.name} (${whereOf(volume)})`;
}

function whereOf({ backing }: ServiceVolume): string {
  return backing.kind === 'csi' ? backing.driver : backing.kind === 'nfs' ? `NFS of ${backing.server}` : backing.kind;
}

/** `6 (csi.proxmox.sinextra.dev), 1 (NFS of 192.168.1.13)`. */
function countsOf(volumes: readonly ServiceVolume[]): string {
  return [...Map.groupBy(volumes, whereOf)].map(([where, all]) => `${all.length} (${where})`).join(', ');
}
