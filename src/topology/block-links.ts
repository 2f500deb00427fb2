import type { BlockDevice } from '../commands/block-devices.ts';
import type { PersistentVolume, Pod } from '../commands/cluster-objects.ts';
import type { Seen } from '../core/reading.ts';
import type { BlockLook, MachineLook } from './block-look.ts';

/** From the claim of a pod to the mount in it: each link is a view of its own of the same disk. */
export const LINKS = ['claim', 'handle', 'disk', 'attachment', 'slot', 'runtime', 'device', 'staging', 'pods'] as const;
export type LinkName = (typeof LINKS)[number];

/**
 * `proven`: it is this disk. `absent`: looked, and there is none. `underway`: on its way, neither there nor gone. `broken`: it
 * contradicts another link, or somebody else has the same. `unknown`: could not look.
 */
export interface Link {
  readonly link: LinkName;
  readonly is: 'proven' | 'absent' | 'underway' | 'broken' | 'unknown';
  readonly says: string;
  readonly seen: readonly Seen<unknown>[];
}

/** The disk that a chain is about; `volume` is absent where no PersistentVolume names it any more. */
export interface Subject {
  readonly disk: string;
  readonly volume?: PersistentVolume;
}

/** What the links found so far, for those that follow. */
export interface Found {
  readonly look: BlockLook;
  readonly subject: Subject;
  readonly machine: MachineLook;
  /** Other nodes whose machines have it in their configuration or in their QEMU. */
  readonly elsewhere: Set<string>;
  /** By the configuration, else by what the attachment was promised. */
  slot?: number;
  promised?: number;
  hasSlot?: boolean;
  isStopped?: boolean;
  hasRuntime?: boolean;
  sizeBytes?: number;
  /** As LVM says: somebody has the logical volume open. */
  isOpen?: boolean;
  device?: BlockDevice;
  wanted?: readonly Pod[];
}

/** One volume at one node. */
export interface Chain {
  readonly subject: Subject;
  readonly node: string;
  readonly vmid?: number;
  readonly slot?: number;
  readonly device?: BlockDevice;
  /** Other nodes whose machines have the same disk. */
  readonly elsewhere: readonly string[];
  /** Pods for which it may be mounted or attached there any moment: they name the claim and have not ended. */
  readonly wanted: readonly Pod[];
  readonly links: readonly Link[];
}
