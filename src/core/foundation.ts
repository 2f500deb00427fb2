/** What others stand on, from the bottom: whatever stands on an earlier one is ill while that is. */
export const FOUNDATION_KINDS = [
  'hypervisor',
  'network',
  'pool',
  'nas',
  'driver',
  'node',
  'database-server',
  'backups',
  'alerting',
  'claim',
  'workload',
  'namespace',
  'alert',
] as const;
export type FoundationKind = (typeof FOUNDATION_KINDS)[number];

/**
 * One thing that alerts can stand on. Names: the host of the hypervisor; the NAS's host, also of the network path to it; a pool; the name of a CSI
 * driver, of a node; `namespace/name` of a database server's cluster, a claim, a workload; the directory of backups or `all`; `alertmanager`;
 * a namespace; of an alert that tells of no thing the alert's name and what sends it.
 */
export interface Foundation {
  readonly kind: FoundationKind;
  readonly name: string;
}

export function foundationKey({ kind, name }: Foundation): string {
  return `${kind} ${name}`;
}

/** The lower of two comes first. */
export function byDepth(a: Foundation, b: Foundation): number {
  return FOUNDATION_KINDS.indexOf(a.kind) - FOUNDATION_KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** What many workloads share: while it is ill, nothing is repaired for one of them. */
export function isShared({ kind }: Foundation): boolean {
  return FOUNDATION_KINDS.indexOf(kind) < FOUNDATION_KINDS.indexOf('claim');
}

export function isSame(a: Foundation, b: Foundation): boolean {
  return a.kind === b.kind && a.name === b.name;
}
