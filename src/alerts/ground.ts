import type { Finding } from '../core/finding.ts';
import { type Foundation, type FoundationKind, isSame } from '../core/foundation.ts';
import type { Hold } from '../core/hold.ts';
import type { Step } from '../core/plan.ts';
import type { Site } from '../core/site.ts';
import { databaseServers, hypervisorOf, poolOf, poolsOf, sorted, underDriver, underNas } from '../topology/foundation-names.ts';
import type { FoundationsIndex } from '../topology/foundations.ts';
import { causeOfFindings } from './causes.ts';
import { valueIn } from './labels.ts';

/** What was last seen of the cluster, and what the configuration says of the site. */
export interface Around {
  readonly site: Site;
  readonly index: FoundationsIndex;
}

/** A step of a plan, and the runbook that made it. */
export interface Planned {
  readonly runbook: string;
  readonly step: Pick<Step, 'holds' | 'because'>;
}

/**
 * What lies under all that a step uses or changes: while one of these is ill, the step waits, unless it mends that. Where it says which node it is about,
 * the other nodes of its workload are not under it.
 */
export function groundOf({ holds }: Planned['step'], around: Around): readonly Foundation[] {
  const isOfNode = holds.some(({ kind }) => kind === 'node');
  const isUnder = (hold: Hold, { kind }: Foundation) => !(isOfNode && hold.kind === 'workload' && kind === 'node');
  return sorted(holds.flatMap((hold) => underHold(hold, around).filter((each) => isUnder(hold, each))));
}

/** False where the cluster was last seen without something that the step holds. */
export function isGroundKnown({ holds }: Planned['step'], { index }: Around): boolean {
  const seen = { pv: index.volumes ?? {}, pvc: index.claims, workload: index.workloads };
  return holds.every(({ kind, name }) =>
    kind === 'pv' || kind === 'pvc' || kind === 'workload' ? valueIn(seen[kind], name) !== undefined : true,
  );
}

/**
 * Whether a step repairs what is ill: because of a finding that says so of it, or because what it changes is that thing, or lies under it. Whatever
 * else is changed stands on it and may be well once it is.
 */
export function mends({ runbook, step }: Planned, ill: Foundation, around: Around): boolean {
  const { because, holds } = step;
  if (saysIll({ runbook, because }, around.site).some((each) => isSame(each, ill))) return true;
  if (MENDED_BY[ill.kind]?.includes(because.code)) return true;
  const lower = [ill, ...underThing(ill, around)];
  const changed = holds.flatMap((hold) => (hold.how === 'changes' ? thingOf(hold, around.site) : []));
  return changed.some((thing) => lower.some((each) => isSame(each, thing)));
}

function saysIll({ runbook, because }: { runbook: string; because: Finding }, site: Site): readonly Foundation[] {
  return causeOfFindings(runbook, [because], site);
}

/**
 * Findings about a part of a thing, of which the repair is one of the whole thing: a dataset that came up unmounted, a dead pod that keeps the lock of a
 * server's files, a thin pool that fills.
 */
const MENDED_BY: Readonly<Partial<Record<FoundationKind, readonly string[]>>> = {
  nas: ['dataset-not-mounted', 'dataset-hidden'],
  'database-server': ['zombie-pod'],
  hypervisor: ['thin-data-critical', 'thin-data-high', 'thin-metadata-critical', 'thin-metadata-high', 'thin-pool-high'],
};

/** The foundation that a held thing is, or is made of; none for what stands on foundations only. */
function thingOf({ kind, name }: Hold, site: Site): readonly Foundation[] {
  switch (kind) {
    case 'nas':
    case 'pool':
    case 'node':
    case 'driver':
    case 'database-server':
    case 'backups':
      return [{ kind, name }];
    case 'vm':
      return machine(name, site);
    case 'workload':
      // What serves the databases is a workload too.
      return Object.values(databaseServers(site)).flatMap((servers) => servers.filter((each) => each.name === name));
    case 'dataset':
    case 'export':
    case 'pv':
    case 'pvc':
    case 'lv':
    case 'target':
    case 'database':
    case 'alert':
      return [];
  }
}

/** By its number. */
function machine(vmid: string, { hypervisor, nas }: Site): readonly Foundation[] {
  if (`${hypervisor?.nasVmid}` === vmid) return [{ kind: 'nas', name: nas.host.name }];
  return Object.entries(hypervisor?.nodeVmids ?? {})
    .filter(([, each]) => `${each}` === vmid)
    .map(([name]) => ({ kind: 'node', name }));
}

function underHold(hold: Hold, around: Around): readonly Foundation[] {
  const { kind, name } = hold;
  const { site, index } = around;
  switch (kind) {
    case 'dataset':
      return [...underNas(site), { kind: 'pool', name: name.split('/', 1)[0] ?? name }];
    case 'export':
      return [...underNas(site), ...poolOf(name, site)];
    case 'target':
      return underNas(site);
    case 'pv':
      return valueIn(index.volumes ?? {}, name) ?? [];
    case 'pvc':
      return valueIn(index.claims, name) ?? [];
    case 'workload':
      return valueIn(index.workloads, name) ?? [];
    case 'lv':
    case 'vm':
      return [...hypervisorOf(site), ...thingOf(hold, site).flatMap((each) => withUnder(each, around))];
    case 'database':
      return withUnder({ kind: 'database-server', name: name.split('/').slice(0, 2).join('/') }, around);
    case 'node':
      // Whoever only looks from it does not need what its programs mount.
      return hold.how === 'uses' ? [...hypervisorOf(site), { kind, name }] : withUnder({ kind, name }, around);
    case 'nas':
    case 'pool':
    case 'driver':
    case 'database-server':
    case 'backups':
      return withUnder({ kind, name }, around);
    case 'alert':
      return [];
  }
}

/** Neither its pools nor the path to it keep the NAS from being started. */
function withUnder(thing: Foundation, around: Around): readonly Foundation[] {
  const under = thing.kind === 'nas' ? hypervisorOf(around.site) : underThing(thing, around);
  return [...under, thing];
}

/** What a foundation stands on itself, as far as that is known. */
function underThing({ kind, name }: Foundation, { site, index }: Around): readonly Foundation[] {
  switch (kind) {
    case 'nas':
      return [...underNas(site), ...poolsOf(site)];
    case 'node':
      return valueIn(index.nodes, name) ?? hypervisorOf(site);
    case 'driver':
      return underDriver(name, site);
    case 'database-server':
      return valueIn(index.workloads, name) ?? hypervisorOf(site);
    case 'backups':
      return [...underNas(site), ...poolOf(name, site)];
    case 'network':
    case 'pool':
      return hypervisorOf(site);
    default:
      return [];
  }
}
