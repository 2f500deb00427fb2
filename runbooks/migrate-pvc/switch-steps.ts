import { blockMounts } from '../../src/commands/block-devices.ts';
import * as cluster from '../../src/commands/cluster.ts';
import type { Pod } from '../../src/commands/cluster-objects.ts';
import { copyJobs } from '../../src/commands/copy-jobs.ts';
import type { User, UserState, WholeVolume } from '../../src/commands/workload-volumes.ts';
import { setUser } from '../../src/commands/workload-volumes.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Check, CheckResult, Step, Verification } from '../../src/core/plan.ts';
import { check } from '../../src/core/plan.ts';
import type { Reader } from '../../src/core/reading.ts';
import { nodeHost } from '../../src/core/site.ts';
import { podOfMount } from '../../src/topology/block-names.ts';
import { isLiving, isPodOf, nameOf, noPodLeft, podsOfUser, runsNow, userIs } from '../../src/topology/stopped-users.ts';
import { noPodHas, type Situation, sourceIsFree, sourceStays, targetIsThere } from './situation.ts';
import { completeFor, workersOf } from './state.ts';

const STOPS_WITHIN_MS = 240_000;
const STARTS_WITHIN_MS = 300_000;

/** The third round: the workload first, its CronJobs last. */
export function switchSteps(situation: Situation): readonly Step[] {
  const { users } = situation;
  const sorted = users.source.users.toSorted((a, b) => Number(a.kind === 'CronJob') - Number(b.kind === 'CronJob'));
  return sorted.map((user) => switchStep(situation, user));
}

/** One change lets it use the new claim and run as it ran before. */
function switchStep(situation: Situation, user: User): Step {
  const { place, because } = situation;
  const { namespace, name } = place.source;
  const running: UserState = { runs: user.runs > 0 ? user.runs : (user.ranBefore ?? user.runs) };
  const stopped = runsNow(user);
  const volumes = withClaim(user.volumes, name, place.target);
  return {
    title: `Let ${nameOf(user)} use ${place.target}, and run ${running.runs}`,
    because,
    before: [userIs(user, user), targetIsThere(situation, 'Bound'), ...whileNobodyRuns(situation)],
    change: setUser(user, { ...running, volumes, ...(place.made?.uid !== undefined && { movedTo: place.made.uid }) }),
    after: usesTarget(situation, user, running),
    undo: {
      change: setUser(user, { ...stopped, volumes: user.volumes }),
      before: [userIs(user, { runs: running.runs, volumes }), sourceStays(situation)],
      after: { ...noPodLeft(user, stopped), withinMs: STOPS_WITHIN_MS },
      warnings: [`What ${nameOf(user)} wrote since it uses ${place.target} is lost for it: it stays there alone.`],
    },
    holds: [
      changes('workload', `${namespace}/${user.name}`),
      uses('pvc', `${namespace}/${name}`),
      uses('pvc', `${namespace}/${place.target}`),
    ],
    warnings: warningsOf(situation, user),
  };
}

/** Only before the first of them uses the new claim: then that alone is the right one. */
function whileNobodyRuns(situation: Situation): readonly Check[] {
  const { place, users } = situation;
  const { namespace, name: source } = place.source;
  if (workersOf(users.target.users).length > 0 || !place.jobs.known) return [];
  const copy = completeFor({ jobs: place.jobs.value, made: place.made, users: users.source.users });
  const isComplete = check(
    `Job ${copy?.name} is complete: all files were copied after the users were stopped`,
    copyJobs({ namespace, source, target: place.target }),
    (all) => all.some(({ name, state }) => name === copy?.name && state === 'complete'),
  );
  return [isComplete, noPodHas(situation, source), ...sourceIsFree(situation)];
}

function withClaim(volumes: readonly WholeVolume[], source: string, target: string): readonly WholeVolume[] {
  return volumes.map((volume) =>
    volume.persistentVolumeClaim?.claimName === source
      ? { ...volume, persistentVolumeClaim: { ...volume.persistentVolumeClaim, claimName: target } }
      : volume,
  );
}

/** A container starts only once kubelet has mounted its volumes; whether it may write to them, the kernel of its node says. */
function usesTarget(situation: Situation, user: User, state: UserState): Verification {
  const { target } = situation.place;
  const isOn = ({ ready, terminatingAt, spec }: Pod) =>
    ready && terminatingAt === undefined && spec.volumes.some((each) => each.persistentVolumeClaim?.claimName === target);
  if (user.kind === 'CronJob') {
    const says = `${nameOf(user)} is as it ran before`;
    return { ...podsOfUser(user, { says, state, holds: () => true }), withinMs: STARTS_WITHIN_MS };
  }
  const says = `${nameOf(user)} runs ${state.runs} pods, all of them ready and with ${target} mounted`;
  const holds = (own: readonly Pod[]) => own.length === state.runs && own.every(isOn);
  const ready = podsOfUser(user, { says, state, holds });
  return {
    says: `${says}; to its file system can be written`,
    line: ready.line,
    holds: async (read) => {
      const first = await ready.holds(read);
      return first.answer === 'yes' ? canBeWritten(situation, { user, state }, read) : first;
    },
    withinMs: STARTS_WITHIN_MS,
  };
}

interface Running {
  readonly user: User;
  readonly state: UserState;
}

/** The mount table of each node: an ext4 whose kernel found an error is read-only there, while its pod still runs. */
async function canBeWritten({ facts: { site }, place }: Situation, { user, state }: Running, read: Reader): Promise<CheckResult> {
  const pods = await read(cluster.pods());
  if (!pods.known) return { answer: 'unknown', seen: pods };
  const own = pods.value.filter((pod) => isPodOf(user, pod) && isLiving(pod));
  const wantsToRead = user.volumes.some(
    ({ persistentVolumeClaim: claim }) => claim?.claimName === place.source.name && claim['readOnly'] === true,
  );
  let last: CheckResult = { answer: own.length === state.runs ? 'yes' : 'no', seen: pods };
  for (const { node, uid } of own) {
    if (node === undefined) return { answer: 'no', seen: pods };
    const mounts = await read(blockMounts(nodeHost(site, node)));
    if (!mounts.known) return { answer: 'unknown', seen: mounts };
    const mount = mounts.value.findLast(({ mountPoint }) => podOfMount(mountPoint, place.made?.volume ?? '') === uid);
    const isFit = mount !== undefined && (wantsToRead || !(mount.readOnly || mount.fileSystemReadOnly));
    last = { answer: isFit ? 'yes' : 'no', seen: mounts };
    if (!isFit) return last;
  }
  return last;
}

function warningsOf({ place }: Situation, user: User): readonly string[] {
  const { name } = place.source;
  const isRolling = user.kind === 'Deployment' && user.strategy !== 'Recreate';
  return [
    `A temporary deviation from Terraform, whose next apply takes it back: add the claim ${place.target} there (wait_until_bound = false), and set claim_name = "${place.target}" in the volume of ${user.kind} ${user.name}, where it is "${name}" now.`,
    `Taking this back later loses what is written from now on: it stays in ${place.target} alone. ${name} is kept for 7 days at least.`,
    ...(isRolling
      ? [
          `Its strategy is ${user.strategy ?? 'RollingUpdate'}: the next rollout waits for ever for a disk that the old pod has. Set strategy Recreate where it is written.`,
        ]
      : []),
    ...(user.fsGroup === undefined && place.backing.kind === 'nfs'
      ? [
          'Its template sets no fsGroup: the files keep the owners that they have on NFS, and a program that runs as another may find "permission denied".',
        ]
      : []),
    ...(user.kind === 'CronJob'
      ? [
          'Its pods must run at the node of the workload, or they wait for a disk that is attached elsewhere: it needs a podAffinity.',
        ]
      : []),
    ...unchecked(place),
  ];
}

function unchecked({ told }: Situation['place']): readonly string[] {
  const copied = told?.known === true && told.value.is === 'complete' ? told.value.copied : undefined;
  return copied === undefined || copied.unchecked === 0
    ? []
    : [
        `${copied.unchecked} SQLite databases are the same on both sides, and only their application can say whether they are whole.`,
      ];
}
