import { BLOCK_DRIVER } from '../../src/commands/block-attachments.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/commands/cluster-objects.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { handleOf } from '../../src/topology/block-names.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

/** The one volume group and name that a claim stands for; each link was proven on the way. */
export interface Place {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
  /** The name that Proxmox gives the storage: `local-lvm`. */
  readonly storage: string;
  readonly vg: string;
  /** `vm-9999-pvc-…` */
  readonly disk: string;
  readonly seen: readonly [Known<unknown>, ...Known<unknown>[]];
}

/** Never by a part of a name: two claims can differ by their ending alone. */
export type Identity = { readonly place: Place } | { readonly broken: Finding<Code> } | { readonly unseen: true };

export function identify({
  asked,
  cluster,
  host,
  hypervisor,
}: Pick<Facts, 'asked' | 'cluster' | 'host' | 'hypervisor'>): Identity {
  const { claims, volumes } = cluster;
  const name = `${asked.namespace}/${asked.claim}`;
  if (!claims.known) return { unseen: true };
  const claim = claims.value.find((each) => each.namespace === asked.namespace && each.name === asked.claim);
  if (claim === undefined) return { broken: noClaim(asked, claims) };
  if (!volumes.known) return { unseen: true };
  const seen = [claims, volumes] as const;
  const volume = volumes.value.find((each) => each.name === claim.volume);
  if (claim.volume === undefined || claim.phase !== 'Bound') return { broken: notHere(name, `it is ${claim.phase}`, [claims]) };
  if (claim.isGoing) return { broken: going(name, claim.volume, claims) };
  if (volume === undefined) return { broken: chain(name, `there is no volume ${claim.volume}, which it names`, seen) };
  if (volume.claimRef?.namespace !== asked.namespace || volume.claimRef.name !== asked.claim)
    return { broken: chain(name, `volume ${volume.name} names another claim`, seen) };
  const handle = handleOf(volume);
  if (handle === undefined) return { broken: notHere(name, ofOther(volume, asked, volumes.value), seen) };
  const twins = volumes.value.filter((each) => each !== volume && handleOf(each)?.disk === handle.disk);
  if (twins.length > 0)
    return { broken: chain(name, `${twins.map((each) => each.name).join(', ')} is on ${handle.disk} too`, seen) };
  const zone = zoneOf(volume);
  if (zone !== undefined && zone !== hypervisor.api.node)
    return { broken: chain(name, `its handle is of ${zone}, and the hypervisor that is asked is ${hypervisor.api.node}`, seen) };
  if (!host.storages.known) return { unseen: true };
  const vg = host.storages.value.find(({ id }) => id === handle.storage)?.vgName;
  const proofs = [...seen, host.storages] as const;
  if (vg === undefined) return { broken: chain(name, `Proxmox has no storage ${handle.storage} on a volume group`, proofs) };
  return { place: { claim, volume, storage: handle.storage, vg, disk: handle.disk, seen: proofs } };
}

/** `pve/pve2/local-lvm/vm-9999-pvc-…` is on the disks of pve2; storage that several hosts share has no zone. */
function zoneOf({ csi }: PersistentVolume): string | undefined {
  const [, zone = '', , disk] = csi?.volumeHandle.split('/') ?? [];
  return disk === undefined || zone === '' ? undefined : zone;
}

function noClaim({ namespace, claim }: Facts['asked'], claims: Known<readonly PersistentVolumeClaim[]>): Finding<Code> {
  const own = claims.value.filter((each) => each.namespace === namespace).map(({ name }) => name);
  return {
    code: 'no-such-claim',
    subject: `${namespace}/${claim}`,
    says: `${namespace} has no claim ${claim}; its claims: ${own.length === 0 ? 'none' : own.toSorted().join(', ')}`,
    remedy: 'Name the claim that the workload mounts, as it is written: namespace/claim.',
    seen: [claims],
  };
}

/** A claim that was left behind has nearly the name of the one that is used. */
function ofOther({ csi, name }: PersistentVolume, { namespace }: Facts['asked'], all: readonly PersistentVolume[]): string {
  const others = all.filter((each) => each.claimRef?.namespace === namespace && handleOf(each) !== undefined);
  const named = others.map(({ claimRef }) => `${claimRef?.name}`).toSorted();
  const driver = csi?.driver === BLOCK_DRIVER ? 'has a handle of another form' : `is of ${csi?.driver ?? 'no driver'}`;
  return `its volume ${name} ${driver}; claims of ${namespace} on logical volumes: ${named.length === 0 ? 'none' : named.join(', ')}`;
}

function notHere(subject: string, why: string, seen: Finding['seen']): Finding<Code> {
  return {
    code: 'not-on-lvm',
    subject,
    says: `${subject} is on no logical volume of Proxmox: ${why}`,
    remedy: 'Look which claim the workload mounts and name that one; volumes on NFS are restored with /storage restore files.',
    doNot: 'Do not restore into a claim that nothing mounts: it is reported as a success and changes nothing.',
    seen,
  };
}

function going(subject: string, volume: string, claims: Known<unknown>): Finding<Code> {
  return {
    code: 'being-deleted',
    subject,
    says: `${subject} was deleted, and stays only until the last pod that uses it is stopped`,
    remedy: `Find out who deleted it, and whether that is meant. To keep what it holds, see that ${volume} has the reclaim policy Retain before anybody is stopped; a new claim can then be bound to it.`,
    doNot:
      'Do not stop its pods before that is clear: the claim goes with them, and what the volume holds with it where its policy is Delete.',
    seen: [claims],
  };
}

function chain(subject: string, why: string, seen: Finding['seen']): Finding<Code> {
  return {
    code: 'chain-broken',
    subject,
    says: `Which logical volume ${subject} is cannot be proven: ${why}`,
    remedy: 'Put this link right first: /storage diagnose block. Nothing is restored by a guess.',
    seen,
  };
}
