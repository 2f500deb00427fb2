import * as cluster from '../../../src/commands/cluster.ts';
import type { Pod } from '../../../src/commands/cluster-objects.ts';
import { mountsOf } from '../../../src/commands/nfs-client.ts';
import type { User, UserState, WholeVolume } from '../../../src/commands/workload-volumes.ts';
import { setUser, usersOfKind } from '../../../src/commands/workload-volumes.ts';
import { commandLine, show } from '../../../src/core/command.ts';
import type { Hold } from '../../../src/core/hold.ts';
import { changes } from '../../../src/core/hold.ts';
import type { Check, CheckResult, Step, Verification } from '../../../src/core/plan.ts';
import type { Reader } from '../../../src/core/reading.ts';
import { nodeHost } from '../../../src/core/site.ts';
import { userIs } from '../../../src/topology/stopped-users.ts';
import { isAlive, isOf, nameOf } from '../users.ts';
import type { Situation } from './situation.ts';
import { nobodyLeft, sourceIs, targetIs } from './situation.ts';

const STOPS_WITHIN_MS = 180_000;
const STARTS_WITHIN_MS = 300_000;

/** Scaled down, or suspended; how it ran before is noted at the workload itself, where a later run finds it. */
export function stopStep(situation: Situation, user: User): Step {
  const { because, place, source } = situation;
  const [running, stopped] = [stateNow(user), { runs: 0, ranBefore: user.runs }];
  return {
    title: `Stop ${nameOf(user)}`,
    because,
    before: [userIs(user, { ...running, volumes: user.volumes })],
    change: setUser(user, stopped),
    after: { ...isGone(user, stopped), withinMs: STOPS_WITHIN_MS },
    undo: {
      change: setUser(user, running),
      before: [
        userIs(user, { ...stopped, volumes: user.volumes }),
        ...(source.isReadOnly
          ? []
          : [sourceIs(situation, `${place.source.name} can be written to`, ({ isReadOnly }) => !isReadOnly)]),
      ],
      after: { ...userIs(user, { ...running, volumes: user.volumes }), withinMs: STARTS_WITHIN_MS },
    },
    holds: [holdOf(user)],
    warnings: [
      `It is down from here until it works on the copy; ${ranWords(user)} is noted at it.`,
      'An apply of Terraform meanwhile would start it on the old dataset: wait with it until the move has ended.',
    ],
  };
}

function stateNow({ runs, ranBefore }: User): UserState {
  return { runs, ...(ranBefore !== undefined && { ranBefore }) };
}

function ranWords({ kind, runs }: User): string {
  return kind === 'CronJob' ? 'that it was not suspended' : `its number of replicas, ${runs},`;
}

export function holdOf({ namespace, name }: User): Hold {
  return changes('workload', `${namespace}/${name}`);
}

/** The sentence about a user, of its pods. */
interface PodsAsked {
  readonly user: User;
  readonly says: string;
  readonly state: UserState;
  readonly holds: (own: readonly Pod[], read: Reader) => Promise<CheckResult['answer']>;
}

function podsCheck({ user, says, state, holds }: PodsAsked): Check {
  const [users, pods] = [usersOfKind(user.kind), cluster.pods()];
  return {
    says,
    line: `${show(users.command)}; ${commandLine(pods.command)}`,
    holds: async (read) => {
      const [seen, all] = await Promise.all([read(users), read(pods)]);
      if (!seen.known) return { answer: 'unknown', seen };
      if (!all.known) return { answer: 'unknown', seen: all };
      const now = seen.value.find(({ namespace, name }) => namespace === user.namespace && name === user.name);
      if (now === undefined || now.runs !== state.runs || now.ranBefore !== state.ranBefore) return { answer: 'no', seen };
      const own = all.value.filter((pod) => isOf(user, pod) && isAlive(pod));
      return { answer: await holds(own, read), seen: all };
    },
  };
}

function isGone(user: User, state: UserState): Check {
  const says = `${nameOf(user)} is to run ${state.runs}, and none of its pods is left`;
  return podsCheck({ user, says, state, holds: async (own) => (own.length === 0 ? 'yes' : 'no') });
}

/** The volumes with the old place changed to the new one. */
export interface Switch {
  readonly user: User;
  readonly volumes: readonly WholeVolume[];
  /** Of the claims and exports that it will need. */
  readonly before: readonly Check[];
  /** What Terraform must be told. */
  readonly terraform: string;
}

/** One change lets it work on the copy and run as it ran before. */
export function switchStep(situation: Situation, { user, volumes, before, terraform }: Switch): Step {
  const { because, place } = situation;
  const ran = user.ranBefore ?? user.runs;
  const stopped = stateNow(user);
  const running: UserState = { runs: ran };
  return {
    title: `Let ${nameOf(user)} work on ${place.newPath}, and run ${ran} again`,
    because,
    before: [
      userIs(user, { ...stopped, volumes: user.volumes }),
      nobodyLeft(situation),
      sourceIs(situation, `${place.source.name} is read-only still`, ({ isReadOnly }) => isReadOnly),
      targetIs(
        situation,
        `${place.target.name} is mounted at ${place.newPath}`,
        ({ isMounted, mountPoint }) => isMounted && mountPoint === place.newPath,
      ),
      ...before,
    ],
    change: setUser(user, { ...running, volumes }),
    after: worksOn(situation, user, running),
    undo: {
      change: setUser(user, { ...stopped, volumes: user.volumes }),
      before: [userIs(user, { ...running, volumes })],
      after: { ...isGone(user, stopped), withinMs: STOPS_WITHIN_MS },
      warnings: [
        `What ${nameOf(user)} wrote since it works on ${place.newPath} is lost for it: it stays in ${place.target.name} alone.`,
      ],
    },
    holds: [holdOf(user)],
    warnings: [
      `Taking this back later loses for the users what they wrote since: it stays in ${place.target.name} alone.`,
      `Terraform must be brought in line, or its next apply takes this back: ${terraform}`,
    ],
  };
}

/** Its pods are ready, and the kernel of each one's node has the new path mounted. */
function worksOn({ site, place }: Situation, user: User, state: UserState): Verification {
  const says = `${nameOf(user)} runs ${state.runs} ready pods, and /proc/mounts of their nodes shows ${place.newPath}`;
  const holds: PodsAsked['holds'] = async (own, read) => {
    if (user.kind === 'CronJob') return 'yes';
    const ready = own.filter((pod) => pod.ready && pod.terminatingAt === undefined);
    if (own.length !== ready.length || ready.length < state.runs) return 'no';
    const nodes = [...new Set(ready.flatMap(({ node }) => node ?? []))];
    const mounts = await Promise.all(nodes.map((node) => read(mountsOf(nodeHost(site, node)))));
    if (mounts.some((seen) => !seen.known)) return 'unknown';
    const isThere = (pod: Pod) =>
      mounts.some(
        (seen) => seen.known && seen.value.some((each) => each.remotePath === place.newPath && each.mountPoint.includes(pod.uid)),
      );
    return ready.every(isThere) ? 'yes' : 'no';
  };
  return { ...podsCheck({ user, says, state, holds }), withinMs: STARTS_WITHIN_MS };
}
