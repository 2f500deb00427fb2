import type { PoolStatus } from '../../../src/commands/zfs-status.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { isSome, notSeen, ok, together } from '../../../src/core/finding.ts';
import { backupsIn } from '../../../src/repairs/scrub.ts';
import type { Code } from '../codes.ts';
import type { Facts, Zfs } from '../facts.ts';
import { chosen } from '../facts.ts';
import { below, devices, disturbance, missing } from './devices.ts';
import type { Part, Statuses } from './errors.ts';
import { errors } from './errors.ts';
import { scrubs } from './scrub.ts';
import { space } from './space.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { zfs } = facts;
  const statuses = zfs?.statuses.known ? zfs.statuses : undefined;
  const pools = zfs === undefined || statuses === undefined ? [] : ofPools(facts, zfs, statuses);
  const full = zfs === undefined ? [] : [space(facts, zfs)];
  const own = below(facts, statuses && disturbance(statuses));
  return together([{ evidence: blind(facts), findings: [] }, ...pools, ...full, own, backups(facts)]);
}

function ofPools(facts: Facts, zfs: Zfs, statuses: Statuses): Part[] {
  const pools = chosen(facts, statuses.value);
  return [missing(facts, statuses), ...pools.map((pool) => ofPool(facts, zfs, { pool, statuses }))];
}

function ofPool({ site, clock }: Facts, zfs: Zfs, { pool, statuses }: { pool: PoolStatus; statuses: Statuses }): Part {
  const found = errors(pool, site.nas.zfsBaseline?.[pool.name], zfs);
  const hasNewErrors = isSome(found.findings);
  return together([devices(pool, statuses), found, scrubs(pool, { statuses, clock, hasNewErrors })]);
}

function blind({ kernel, middleware, clock, jobs, zfs, below: looks }: Facts) {
  const system = [kernel, ...(kernel.known && kernel.value === 'FreeBSD' ? [] : [middleware])];
  return [
    ...notSeen('The NAS', [...system, clock]),
    ...(zfs === undefined ? [] : notSeen('ZFS', [zfs.statuses, zfs.space, zfs.stored])),
    ...(looks === undefined ? [] : notSeen('The hypervisor', [looks.thinPools, looks.errors])),
    ...notSeen('Whether a scrub may begin now', [jobs, ...(looks?.busyPercent === undefined ? [] : [looks.busyPercent])]),
  ];
}

/** They say whether a scrub may begin now. */
function backups({ jobs }: Facts): Part {
  if (!jobs.known) return { evidence: [], findings: [] };
  const names = backupsIn(jobs.value).map(({ namespace, name }) => `${namespace}/${name}`);
  const says = isSome(names) ? `Backups run in the cluster: ${names.join(', ')}` : 'No backup runs in the cluster';
  return { evidence: [ok(says, jobs)], findings: [] };
}
