import { BLOCK_DRIVER } from '../../../src/commands/block-attachments.ts';
import type { Diagnosis, Evidence } from '../../../src/core/finding.ts';
import { isSome, notSeen, ok, together } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { claims } from './claims.ts';
import { hostFiles } from './host-files.ts';
import { machines } from './machines.ts';
import { nodeSlots } from './node-slots.ts';
import { some } from './part.ts';
import { pools } from './pools.ts';
import { stock } from './stock.ts';

/** What lies below comes first: a pool without room is one cause, whatever it does to the claims above it. */
export function diagnose(facts: Facts): Diagnosis<Code> {
  const { below } = facts;
  const parts =
    below === undefined ? [] : [pools(below), hostFiles(below.files), machines(below), { evidence: stock(below), findings: [] }];
  return together([
    { evidence: blind(facts), findings: [] },
    ...parts,
    nodeSlots(facts),
    claims(facts),
    { evidence: released(facts), findings: [] },
  ]);
}

function blind({ claims: all, volumes, pods, attachments, measured, nodes, below }: Facts): Evidence[] {
  const { now, before, overDay, overHours } = measured;
  return [
    ...notSeen('The claims', [all, volumes, pods]),
    ...notSeen('What is attached to which node', [attachments]),
    ...notSeen('Prometheus', [now, before, overDay, overHours]),
    ...nodes.flatMap(({ node, use, mounts }) => notSeen(`The disks of ${node}`, [use, mounts])),
    ...(below === undefined ? [] : [...blindBelow(below), ...poolsMissing(below, volumes)]),
  ];
}

function blindBelow({ clock, pools: all, groups, volumes, lines, growth, freeBefore, ...rest }: NonNullable<Facts['below']>) {
  return [
    ...notSeen('The thin pools', [all, groups, ...volumes.map(({ seen }) => seen)]),
    ...notSeen('The hypervisor', [clock, lines, rest.files.use, rest.files.mounts]),
    ...notSeen('Whether QEMU runs', [...(rest.list === undefined ? [] : [rest.list]), ...rest.machines.map(({ seen }) => seen)]),
    ...notSeen('How the thin pool grows', [growth, freeBefore]),
    ...notSeen(
      'What could be given back',
      rest.trims.flatMap(({ config, mounts }) => [config, mounts]),
    ),
  ];
}

/** LVM leaves out what is on a disk that is gone, and ends well. */
function poolsMissing({ pools: all, host }: NonNullable<Facts['below']>, volumes: Facts['volumes']): Evidence[] {
  if (!all.known || all.value.length > 0 || !volumes.known) return [];
  const own = volumes.value.filter(({ csi, phase }) => csi?.driver === BLOCK_DRIVER && phase === 'Bound');
  if (own.length === 0) return [];
  const says = `The cluster has ${own.length} volumes of ${BLOCK_DRIVER}, and LVM on ${host.name} shows no thin pool: what they are on could not be looked at`;
  return [{ status: 'unknown', says, seen: [all, volumes] }];
}

/** They hold data that nobody uses any more, or the only copy of it: nothing here says which. */
function released({ volumes }: Facts): Evidence[] {
  if (!volumes.known) return [];
  const all = volumes.value.filter(({ phase }) => phase === 'Released');
  const names = all.map(({ name, claimRef }) => `${name} (was ${claimRef?.namespace}/${claimRef?.name})`);
  const says = isSome(names)
    ? `Released volumes, whose data is still there and may be the only copy: ${some(names)}`
    : 'No volume is Released';
  return [ok(says, volumes)];
}
