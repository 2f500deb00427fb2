import type { World } from './world.ts';

/** Where people plan and apply the site's infrastructure. */
export interface Workstation {
  readonly name: string;
  sshAnswers: boolean;
  /** What is checked out, and files that differ from it. */
  commit: string;
  readonly changed: string[];
  /** Commits of the upstream that are not checked out. */
  behind: number;
  /** Files in the directory of plans, by their paths. */
  readonly plans: Map<string, PlanFile>;
  /** What the commit asks for and the site does not have yet. */
  readonly pending: Pending[];
  /** Resources that make something by a command of their own whenever they are made, by their addresses. */
  readonly makers: Map<string, (world: World) => void>;
  /** What terragrunt says before it ends with an error. */
  terragruntFails?: string;
}

export interface PlanFile {
  readonly text: string;
  readonly madeMs: number;
  /** Of a saved plan: the resource that it makes anew. */
  readonly replaces?: string;
}

export interface Pending {
  readonly stack: string;
  /** As Terraform names it: `helm_release.csi_driver_nfs`. */
  readonly resource: string;
  readonly does: 'updated in-place' | 'destroyed';
  readonly apply: (world: World) => void;
}

export const CHECKOUT = '/srv/infra';
export const PLANS = '/var/lib/storagebot-plans';

/** Each driver's stack. */
export const STACKS = {
  'nfs.csi.k8s.io': 'stacks/nfs-csi',
  'csi.proxmox.sinextra.dev': 'stacks/proxmox-csi',
  'org.democratic-csi.iscsi': 'stacks/iscsi-csi',
} as const;

export function newWorkstation(): Workstation {
  const commit = '9722db814f1c7a30be5d2c96a8e3017b6fd4c052';
  return { name: 'devvm', sshAnswers: true, commit, changed: [], behind: 0, plans: new Map(), pending: [], makers: new Map() };
}
