import type { VolumeAttachment } from '../../src/commands/block-attachments.ts';
import type { BlockMount, FileSystemUse } from '../../src/commands/block-devices.ts';
import type { Claim, SizedVolume } from '../../src/commands/claims.ts';
import type { Pod } from '../../src/commands/cluster-objects.ts';
import type { LogicalVolume, VolumeGroup } from '../../src/commands/logical-volumes.ts';
import type { ClaimFigure, ClaimUsage } from '../../src/commands/prometheus.ts';
import type { VmConfig, VmCurrent } from '../../src/commands/proxmox-vm.ts';
import type { ThinPool } from '../../src/commands/thin-pool.ts';
import type { Host } from '../../src/core/command.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';

/** What was asked about; absent parts stand for all. */
export interface Asked {
  readonly namespace?: string | undefined;
  readonly claim?: string | undefined;
}

export interface Facts {
  readonly site: Site;
  readonly asked: Asked;
  readonly claims: Seen<readonly Claim[]>;
  readonly volumes: Seen<readonly SizedVolume[]>;
  readonly pods: Seen<readonly Pod[]>;
  readonly attachments: Seen<readonly VolumeAttachment[]>;
  readonly measured: Measured;
  /** Nodes whose disks were looked at because Prometheus does not measure a claim that they have mounted. */
  readonly nodes: readonly LookedAtNode[];
  /** Absent where the site has no hypervisor. */
  readonly below?: Below;
}

/** What Prometheus knows of claims. */
export interface Measured {
  readonly now: Seen<readonly ClaimUsage[]>;
  readonly before: Seen<readonly ClaimFigure[]>;
  readonly overDay: Seen<readonly ClaimFigure[]>;
  readonly overHours: Seen<readonly ClaimFigure[]>;
}

export interface LookedAtNode {
  readonly node: string;
  readonly use: Seen<readonly FileSystemUse[]>;
  readonly mounts: Seen<readonly BlockMount[]>;
}

/** The disks under the machines. */
export interface Below {
  readonly host: Host;
  readonly clock: Seen<number>;
  readonly pools: Seen<readonly ThinPool[]>;
  readonly groups: Seen<readonly VolumeGroup[]>;
  /** Of each group that has a thin pool. */
  readonly volumes: readonly { readonly vg: string; readonly seen: Seen<readonly LogicalVolume[]> }[];
  readonly lines: Seen<readonly string[]>;
  readonly files: HostFiles;
  /** Of the one thin pool that the snapshot job reports. */
  readonly growth: Seen<number | undefined>;
  readonly freeBefore: Seen<number | undefined>;
  /** Empty where the site gives no access to the API of the hypervisor; those that the configuration names, and all that the list has. */
  readonly machines: readonly Machine[];
  readonly list?: Seen<readonly { readonly vmid: number }[]>;
  /** Machines whose file systems could give back what they do not use; looked at where a pool is short of space. */
  readonly trims: readonly LookedAtMachine[];
}

/** What the hypervisor itself has mounted from disks. */
export interface HostFiles {
  readonly use: Seen<readonly FileSystemUse[]>;
  readonly mounts: Seen<readonly BlockMount[]>;
}

export interface Machine {
  readonly vmid: number;
  readonly name: string;
  readonly seen: Seen<VmCurrent>;
}

export interface LookedAtMachine {
  readonly node: string;
  readonly vmid: number;
  readonly config: Seen<VmConfig>;
  readonly mounts: Seen<readonly BlockMount[]>;
}

/** True for what was asked about. */
export function isAsked({ namespace, claim }: Asked, about: { readonly namespace: string; readonly name: string }): boolean {
  return (namespace === undefined || namespace === about.namespace) && (claim === undefined || claim === about.name);
}

/** The volume of a claim, by the claim that it names. */
export function volumeOf(
  volumes: readonly SizedVolume[],
  { namespace, name }: { readonly namespace: string; readonly name: string },
): SizedVolume | undefined {
  return volumes.find(({ claimRef, phase }) => phase === 'Bound' && claimRef?.namespace === namespace && claimRef.name === name);
}

/** The server whose file system a claim on NFS shows; undefined for one with a disk of its own. */
export function serverOf({ nfs, csi }: SizedVolume): string | undefined {
  if (nfs !== undefined) return nfs.server;
  return csi !== undefined && 'share' in csi.volumeAttributes ? csi.volumeAttributes['server'] : undefined;
}

/** Claims with a file system and a disk of their own that this pod has mounted. */
export function diskClaims(
  { namespace, phase, spec }: Pod,
  { asked, claims, volumes }: Pick<Facts, 'asked' | 'claims' | 'volumes'>,
): { namespace: string; name: string }[] {
  if (!volumes.known || phase !== 'Running') return [];
  const names = spec.volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
  return names
    .map((name) => ({ namespace, name }))
    .filter((id) => {
      const volume = volumeOf(volumes.value, id);
      const isBlock =
        claims.known && claims.value.some((each) => each.isBlock && each.namespace === namespace && each.name === id.name);
      return volume?.csi !== undefined && serverOf(volume) === undefined && !isBlock && isAsked(asked, id);
    });
}
