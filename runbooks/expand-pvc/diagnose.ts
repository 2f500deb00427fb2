import type { Claim } from '../../src/commands/claims.ts';
import type { Diagnosis, Evidence, Finding } from '../../src/core/finding.ts';
import { bad, knownOf, notSeen, ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { sizeOf } from '../../src/core/size.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { fileSystemBehind } from './file-system.ts';
import { ownerOf } from './owner.ts';
import { refusalsOf } from './refusals.ts';
import { isEnough, roomOf } from './room.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { claims, claim, volumes } = facts;
  const unseen = blind(facts);
  if (!claims.known || claim === undefined || !volumes.known) return { evidence: unseen, findings: [] };
  const { evidence, findings } = stateOfClaim(facts, claim, claims);
  const told = findings.map(({ says, seen }) => bad(says, ...seen));
  return { evidence: [...unseen, ...evidence, ...told], findings };
}

function blind({ claims, volumes, classes, sets, pods, below, node, volume }: Facts): Evidence[] {
  const disks = below === undefined ? [] : [below.pools, ...below.volumes.map(({ seen }) => seen)];
  return [
    ...notSeen('The claim', [claims, volumes, classes, sets, pods]),
    ...(volume?.csi === undefined ? [] : notSeen('The thin pool', disks)),
    ...(node === undefined ? [] : notSeen(`The disks of ${node.name}`, [node.use, node.mounts])),
  ];
}

type Claims = Known<readonly Claim[]>;

function stateOfClaim(facts: Facts, claim: Claim, claims: Claims): Diagnosis<Code> {
  const { id, size, wantedBytes } = facts;
  const { capacityBytes = 0, requestedBytes, phase, isGoing } = claim;
  const has = `${id} has ${sizeOf(capacityBytes)} and asks for ${sizeOf(requestedBytes)}`;
  if (phase !== 'Bound' || isGoing) return one(notBound(id, claim, claims));
  if (capacityBytes >= wantedBytes && requestedBytes === wantedBytes) return done(facts, ok(has, claims));
  if (requestedBytes === wantedBytes) return waiting(facts, claim, claims);
  if (requestedBytes > wantedBytes) return one(shrink({ id, size, says: has, claims }));
  return growth(facts, { claim, claims, has });
}

function one(finding: Finding<Code>): Diagnosis<Code> {
  return { evidence: [], findings: [finding] };
}

function done(facts: Facts, evidence: Evidence): Diagnosis<Code> {
  const behind = fileSystemBehind(facts);
  return { evidence: [evidence], findings: behind === undefined ? [] : [behind] };
}

/** The last part of an expansion is its node's, at the next mount: where no pod has the claim mounted, nothing more can be done. */
function waiting({ id, size, pods, node }: Facts, claim: Claim, claims: Claims): Diagnosis<Code> {
  const isNodesTurn = claim.conditions.some(({ type }) => type === 'FileSystemResizePending');
  if (!isNodesTurn || node !== undefined) return one(pending(id, claim, claims));
  if (!pods.known) return { evidence: [], findings: [] };
  const says = `${id} is expanded to ${size}; its file system grows when a pod mounts it, and none has it mounted`;
  return { evidence: [ok(says, claims, pods)], findings: [] };
}

function notBound(subject: string, { phase, isGoing }: Claim, claims: Claims): Finding<Code> {
  return {
    code: 'not-bound',
    subject,
    says: isGoing ? `${subject} is being deleted` : `${subject} is ${phase}, so it has no volume that could grow`,
    remedy: isGoing
      ? 'Find out who deletes it, and whether that is meant.'
      : 'Let a pod use it first; one that waits for its first consumer is healthy.',
    seen: [claims],
  };
}

function pending(subject: string, { conditions, capacityBytes = 0 }: Claim, claims: Claims): Finding<Code> {
  const said = conditions.map(({ type, message }) => `${type}${message === '' ? '' : `: ${message}`}`).join('; ');
  return {
    code: 'expansion-pending',
    subject,
    says: `${subject} asks for this size and still has ${sizeOf(capacityBytes)}${said === '' ? '' : ` (${said})`}`,
    remedy: conditions.some(({ type }) => type === 'FileSystemResizePending')
      ? 'Restart the pod that has it mounted: the file system grows when its node mounts it.'
      : 'Look again in some minutes; then read the events of the claim and the log of the resizer in the driver’s controller.',
    doNot: 'Do not ask for a smaller size to get rid of it, and do not recreate the claim.',
    seen: [claims],
  };
}

function shrink({ id, size, says, claims }: { id: string; size: string; says: string; claims: Claims }): Finding<Code> {
  return {
    code: 'would-shrink',
    subject: id,
    says: `${says}: ${size} is less`,
    remedy: 'Leave it, or make a smaller claim beside it and copy the files while the workload is stopped.',
    doNot: 'Do not shrink the volume below its file system: what lies at its end is lost.',
    seen: [claims],
  };
}

interface Growing {
  readonly claim: Claim;
  readonly claims: Claims;
  readonly has: string;
}

function growth(facts: Facts, { claim, claims, has }: Growing): Diagnosis<Code> {
  const { id, size, sets, volumes, classes, pods } = facts;
  const owner = sets.known ? ownerOf({ claim, id, size, claims, sets }) : undefined;
  const refusals = [...refusalsOf(facts, { claim, claims }), ...(owner === undefined ? [] : [owner])];
  const room = roomOf(facts);
  const evidence = [ok(has, claims)];
  if (refusals.length > 0 || !sets.known || !volumes.known || !classes.known || !pods.known)
    return { evidence, findings: refusals };
  if (room === undefined) return { evidence, findings: withoutRoom(facts, claims, volumes) };
  if (!isEnough(room)) return one(short(facts, room));
  return one({
    code: 'not-expanded',
    subject: id,
    says: `${has}; its class allows ${size}, nobody else sets its size, and with the claim full ${room.pool.name} would be at ${room.fullPercent.toFixed(1)} %; all volumes in ${room.pool.name} are promised ${Math.round(room.promisedPercent)} % of it then`,
    remedy: `Let it grow to ${size}.`,
    doNot: 'Do not take more than is needed: it cannot be given back.',
    seen: [claims, volumes, classes, sets, pods, ...room.seen],
  });
}

/** What cannot be seen is no reason; that it was looked for everywhere and is not there is one. */
function withoutRoom({ id, volume, below }: Facts, claims: Claims, volumes: Known<unknown>): Finding<Code>[] {
  const looks = below === undefined ? [] : [below.pools, ...below.volumes.map(({ seen }) => seen)];
  const seen = knownOf<unknown>(looks);
  if (seen.length < looks.length) return [];
  return [
    {
      code: 'driver-unknown',
      subject: id,
      says: `The disk of ${id}, ${volume?.csi?.volumeHandle ?? 'which has no handle'}, is in no thin pool that the bot can see`,
      remedy:
        'Ask whoever runs that storage whether it has room; name the hypervisor in the configuration (site.hypervisor) if it is there.',
      seen: [claims, volumes, ...seen],
    },
  ];
}

function short({ id, size }: Facts, { pool, fullPercent, seen }: NonNullable<ReturnType<typeof roomOf>>): Finding<Code> {
  const { name, dataPercent, metadataPercent, attributes } = pool;
  return {
    code: 'pool-short',
    subject: id,
    says:
      `Thin pool ${name} has used ${dataPercent} % of its data space and ${metadataPercent} % of its metadata (${attributes}); ` +
      `with ${size} of ${id} written full it would be at ${fullPercent.toFixed(1)} %`,
    remedy: 'Make room in the pool first: "/storage diagnose capacity" says what can go.',
    doNot: 'Do not promise what the pool does not have: a full pool stops every machine.',
    seen: [...seen],
  };
}
