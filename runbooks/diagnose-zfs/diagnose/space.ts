import type { Evidence } from '../../../src/core/finding.ts';
import { bad, notSeen, ok, together } from '../../../src/core/finding.ts';
import type { Facts, Zfs } from '../facts.ts';
import { chosen, poolsWithoutSpace } from '../facts.ts';
import type { Part } from './errors.ts';
import { NOTHING, oneFinding, plural, some } from './errors.ts';

const HIGH_PERCENT = 80;
const CRITICAL_PERCENT = 90;

export function space(facts: Facts, zfs: Zfs): Part {
  return together([capacity(facts, zfs), volumes(facts, zfs)]);
}

function capacity(facts: Facts, { space: seen }: Zfs): Part {
  if (!seen.known) return NOTHING;
  return together(
    chosen(facts, seen.value).map(({ name, usedPercent, fragmentedPercent }): Part => {
      const pieces = fragmentedPercent === undefined ? '' : `, its free space fragmented to ${fragmentedPercent} %`;
      const says = `Pool ${name} is ${usedPercent} % full${pieces}`;
      if (usedPercent < HIGH_PERCENT) return { evidence: [ok(says, seen)], findings: [] };
      const isCritical = usedPercent >= CRITICAL_PERCENT;
      return oneFinding({
        code: isCritical ? 'capacity-critical' : 'capacity-high',
        subject: name,
        says,
        remedy: isCritical
          ? 'Make room now: old snapshots first (they hold what was deleted), then data that has a home elsewhere.'
          : 'Make room, or plan it: from here on writing gets slower. See what old snapshots hold.',
        doNot: 'Do not move datasets to the small pool: that one fills up instead.',
        seen: [seen],
      });
    }),
  );
}

/** What looks on a node as if its iSCSI session had dropped. */
function volumes(facts: Facts, { stored }: Zfs): Part {
  if (!stored.known) return NOTHING;
  const full = poolsWithoutSpace(facts).map(({ name, volumes: own }) =>
    oneFinding({
      code: 'volumes-without-space',
      subject: name,
      says: `Nothing can be written to pool ${name}, which holds ${plural(own.length, 'block device')}: ${some(own)}`,
      remedy: 'Make room in the pool. Machines that use these devices see I/O errors while their iSCSI session stays logged in.',
      doNot: 'Do not log sessions out and in again, and do not raise their time-outs: the connection is not what fails.',
      seen: [stored],
    }),
  );
  return together([...full, { evidence: users(facts), findings: [] }]);
}

function users({ users: looks }: Facts): Evidence[] {
  if (looks === undefined) return [];
  const said = looks.errors.flatMap(({ node, seen }) => {
    const last = seen.known ? seen.value.at(-1) : undefined;
    return seen.known && last !== undefined ? [bad(`The kernel of ${node} reports I/O errors, the last: ${last}`, seen)] : [];
  });
  const blind = [looks.nodes, ...looks.errors.map(({ seen }) => seen)];
  return [...said, ...notSeen('Kernel logs of the nodes', blind)];
}
