/** The kinds of things that a change can depend on. */
export const HOLD_KINDS = [
  'nas',
  'pool',
  'dataset',
  'export',
  'pv',
  'pvc',
  'workload',
  'node',
  'vm',
  'lv',
  'target',
  'driver',
  'database-server',
  'database',
  'backups',
  'alert',
] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

/**
 * A claim on one thing while a plan is being carried out. Many runs may use a thing at once; while one changes it, nobody else
 * uses or changes it. Names: the NAS and a pool, dataset or export by its name or path; `namespace/name` for a claim and a
 * workload; a volume, node, CSI driver by its name; a virtual machine by its number; a logical volume as `group/name`; an iSCSI target by its IQN; a database server as
 * `namespace/name` of its cluster, one database of it with its own name behind that; backups by their directory on the NAS; alerts by their name.
 */
export interface Hold {
  readonly kind: HoldKind;
  readonly name: string;
  readonly how: 'uses' | 'changes';
}

export function uses(kind: HoldKind, name: string): Hold {
  return { kind, name, how: 'uses' };
}

export function changes(kind: HoldKind, name: string): Hold {
  return { kind, name, how: 'changes' };
}

export function showHold({ kind, name, how }: Hold): string {
  return `${how} ${kind} ${name}`;
}

export function conflict(one: Hold, other: Hold): boolean {
  return one.kind === other.kind && one.name === other.name && (one.how === 'changes' || other.how === 'changes');
}

/** Each thing once, claimed in the strongest way in which any of these claims it; in a fixed order. */
export function allHolds(holds: readonly Hold[]): readonly Hold[] {
  const strongest = new Map<string, Hold>();
  for (const hold of holds) {
    const key = `${hold.kind} ${hold.name}`;
    if (hold.how === 'changes' || !strongest.has(key)) strongest.set(key, hold);
  }
  return [...strongest.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, hold]) => hold);
}
