import type { LogicalVolume } from '../../src/commands/logical-volumes.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { isSome, knownOf, notSeen, ok, together } from '../../src/core/finding.ts';
import type { Known, Seen } from '../../src/core/reading.ts';
import { sizeOf } from '../../src/core/size.ts';
import { describeTree } from '../../src/repairs/copy-tree.ts';
import { usingOf } from '../../src/topology/claim-using.ts';
import { nameOf } from '../../src/topology/stopped-users.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Choice, Facts } from './facts.ts';
import { identify, type Place } from './identity.ts';
import { obstacles } from './obstacles.ts';
import { chosenSnapshot, type Stage, snapshotsOf, stageOf, utc } from './state.ts';
import { looksOf } from './users.ts';

type Part = Diagnosis<Code>;

export function diagnose(facts: Facts): Part {
  const unseen = { evidence: notSeen('Cluster and hypervisor', allLooks(facts)), findings: [] };
  const identity = identify(facts);
  if ('broken' in identity) return together<Code>([unseen, found(identity.broken)]);
  if ('unseen' in identity) return unseen;
  const { place } = identity;
  const logical = facts.volume?.logical;
  if (logical?.known !== true) return together<Code>([unseen, proven(place)]);
  const { choice } = facts.asked;
  if (choice === undefined) return together<Code>([unseen, proven(place), offered(facts, place, logical)]);
  return together<Code>([unseen, proven(place), wanted(facts, { place, logical, choice, isBlind: unseen.evidence.length > 0 })]);
}

/** Everything that a plan would be made from. */
export function allLooks({ cluster, host, volume }: Facts): readonly Seen<unknown>[] {
  const { storages, list, machines, clock, backups } = host;
  const { logical, weeks, tree, content } = volume ?? {};
  const ofHost = [storages, list, ...machines.map(({ config }) => config), clock, ...backups.map(({ activity }) => activity)];
  return [...looksOf(cluster), ...ofHost, ...[logical, weeks, tree, content?.seen].filter((each) => each !== undefined)];
}

function proven({ claim, volume, vg, disk, seen }: Place): Part {
  return told(ok(`${claim.namespace}/${claim.name} is volume ${volume.name}, which is ${vg}/${disk}`, ...seen));
}

/** What there is, for who has not chosen yet. */
function offered({ asked, host, volume }: Facts, place: Place, logical: Known<readonly LogicalVolume[]>): Part {
  const { clock } = host;
  const { weeks } = volume ?? {};
  const snapshots = snapshotsOf(place, logical.value);
  const ofFiles = weeks?.known === true ? weeks.value : [];
  if (snapshots.length === 0 && ofFiles.length === 0) {
    if (weeks !== undefined && !weeks.known) return NOTHING;
    return found({
      code: 'nothing-kept',
      subject: `${asked.namespace}/${asked.claim}`,
      says: `There is no snapshot of ${place.disk}, and ${weeks === undefined ? 'the site copies no files' : 'no copy of its files'}`,
      remedy: "Look for a backup of the application itself, on the NAS: its CronJob's directory below /mnt/main.",
      seen: [...place.seen, logical, ...(weeks?.known === true ? [weeks] : [])],
    });
  }
  const nowS = clock.known ? clock.value : undefined;
  return {
    evidence: [
      ...snapshots.map((each) => ok(describe(each, nowS), logical, ...knownOf([clock]))),
      ...ofFiles.map((week) => ok(`A copy of its files of week ${week}`, ...knownOf(weeks === undefined ? [] : [weeks]))),
    ],
    findings: [],
  };
}

function describe({ name, sizeBytes, dataPercent, createdAt, origin }: LogicalVolume, nowS: number | undefined): string {
  const made =
    createdAt === undefined
      ? 'at an unknown time'
      : `${utc(createdAt)}${nowS === undefined ? '' : `, ${hours(nowS - createdAt)} ago`}`;
  const used = dataPercent === undefined ? 'how much of it is used is not known while it is not active' : `${dataPercent} % used`;
  return `Snapshot ${name} of ${origin ?? 'nothing that LVM knows'}: made ${made}; ${sizeOf(sizeBytes)}, ${used}`;
}

function hours(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds / 3_600));
  return whole < 48 ? `${whole} hours` : `${Math.floor(whole / 24)} days`;
}

interface Wanted {
  readonly place: Place;
  readonly logical: Known<readonly LogicalVolume[]>;
  readonly choice: Choice;
  readonly isBlind: boolean;
}

function wanted(facts: Facts, { place, logical, choice, isBlind }: Wanted): Part {
  const missing = notThere(facts, { place, logical, choice });
  if (missing !== undefined) return missing;
  const stage = stageOf(place, choice, logical.value);
  if (stage.is === 'missing')
    return found({
      code: 'chain-broken',
      subject: `${facts.asked.namespace}/${facts.asked.claim}`,
      says: `${place.vg} has no volume ${place.disk}, and none that the bot put aside`,
      remedy: 'Look with lvs where it went. A volume that was removed comes back from a snapshot of it only by a person.',
      seen: [...place.seen, logical],
    });
  const inTheWay = obstacles({ facts, place, logical, stage });
  const isClear = !isBlind && inTheWay.findings.length === 0;
  return together([inTheWay, isClear ? progress(facts, { place, logical, choice }, stage) : NOTHING]);
}

type Asked = Omit<Wanted, 'isBlind'>;

function notThere({ asked, volume, hypervisor }: Facts, { place, logical, choice }: Asked): Part | undefined {
  const subject = `${asked.namespace}/${asked.claim}`;
  if (choice.from === 'snapshot') {
    if (chosenSnapshot(place, logical.value, choice) !== undefined) return undefined;
    // It may have expired since the volume became a copy of it.
    if (stageOf(place, choice, logical.value).is === 'restored') return undefined;
    const names = snapshotsOf(place, logical.value).map(({ name }) => name);
    return found({
      code: 'no-such-copy',
      subject,
      says: `${place.disk} has no snapshot ${choice.name}; it has ${names.length === 0 ? 'none' : names.join(', ')}`,
      remedy: `Choose one that is there: /storage restore pvc ${subject}`,
      seen: [...place.seen, logical],
    });
  }
  const { weeks } = volume ?? {};
  if (weeks?.known !== true) return NOTHING;
  if (weeks.value.includes(choice.week)) return undefined;
  return found({
    code: 'no-such-copy',
    subject,
    says: `${hypervisor.copies} has no files of ${subject} of week ${choice.week}; it has those of ${weeks.value.join(', ') || 'none'}`,
    remedy: `Choose one that is there: /storage restore pvc ${subject}`,
    seen: [...place.seen, weeks],
  });
}

const SAYS: Readonly<Record<Stage['is'], (name: string) => string>> = {
  untouched: (name) => `${name} is not what was asked for`,
  'put-aside': (name) => `${name} was put aside, and nothing is in its place yet`,
  unfilled: (name) => `${name} is as it was, and a copy of it waits for the files`,
  filled: (name) => `${name} is as it was, and a copy with the files waits to take its place`,
  restored: (name) => `${name} is what was asked for`,
  missing: (name) => `${name} is missing`,
};

/** How far the restore is; asked only where all was seen and nothing is in the way. */
function progress(facts: Facts, { place, choice }: Asked, stage: Stage): Part {
  const using = usingOf(facts.cluster, facts.asked);
  if (using === undefined) return NOTHING;
  const stopped = using.users.filter(({ ranBefore }) => ranBefore !== undefined);
  const who = using.users.map(
    (user) => `${nameOf(user)} (runs ${user.runs}${user.ranBefore === undefined ? '' : `, ran ${user.ranBefore}`})`,
  );
  const what =
    choice.from === 'snapshot'
      ? `snapshot ${choice.name}, which holds what a power cut then would have left`
      : `files of week ${choice.week}${amounts(facts, stage)}`;
  const says = `${SAYS[stage.is](place.disk)}: ${what}; users: ${who.join(', ') || 'nobody'}`;
  const seen = knownOf(allLooks(facts));
  if (!isSome(seen)) return NOTHING;
  if (stage.is === 'restored' && stopped.length === 0) return told(ok(says, ...seen));
  const code = stage.is === 'untouched' ? 'not-restored' : stage.is === 'restored' ? 'not-started' : 'half-restored';
  return found({ code, subject: `${facts.asked.namespace}/${facts.asked.claim}`, says, remedy: REMEDY[code], seen: once(seen) });
}

/** Before anybody is stopped for a copy that holds a part of what there was. */
function amounts({ volume }: Facts, stage: Stage): string {
  if (volume?.tree?.known !== true) return '';
  const current = 'current' in stage ? stage.current : undefined;
  const used = current?.dataPercent === undefined ? undefined : (current.sizeBytes * current.dataPercent) / 100;
  const now = used === undefined ? '' : `; the volume takes ${sizeOf(used)} of its pool now`;
  return ` (${describeTree(volume.tree.value)}${now})`;
}

function once(seen: Finding['seen']): Finding['seen'] {
  const [first, ...more] = seen;
  const others = new Map(more.filter(({ line }) => line !== first.line).map((each) => [each.line, each]));
  return [first, ...others.values()];
}

const REMEDY: Readonly<Record<'not-restored' | 'half-restored' | 'not-started', string>> = {
  'not-restored': 'Stop who uses it, put the volume aside, and put a copy in its place. What is there now is kept.',
  'half-restored': 'Go on where it was interrupted.',
  'not-started': 'Start who uses it as it ran before.',
};
