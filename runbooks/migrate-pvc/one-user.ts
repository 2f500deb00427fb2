import type { User } from '../../src/commands/workload-volumes.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, knownOf, ok } from '../../src/core/finding.ts';
import { isLiving, isPodOf, nameOf } from '../../src/topology/stopped-users.ts';
import { mountsBeside } from '../../src/topology/users.ts';
import { found, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, Place } from './facts.ts';
import { idOf } from './source.ts';
import { type Users, workersOf } from './state.ts';

type Part = Diagnosis<Code>;

/** One workload with one pod has the files, through this claim alone. */
export function number(facts: Facts, place: Place, users: Users): Part {
  const id = idOf(place);
  const all = [...users.source.users, ...users.target.users];
  const workers = [...new Map(workersOf(all).map((user) => [nameOf(user), user])).values()];
  const [worker, ...more] = workers;
  const seen = users.source.seen;
  if (worker === undefined || more.length > 0) {
    const names = workers.map(nameOf).join(', ');
    return found({
      code: 'not-one-user',
      subject: id,
      says: worker === undefined ? `No workload uses ${id}` : `${id} is used by ${names}`,
      remedy:
        worker === undefined
          ? 'Find out whose data it holds: what nobody uses is kept or deleted, and not migrated.'
          : 'Leave it on NFS, or let one of them have the files through the other.',
      doNot: 'Do not let two workloads mount one disk: at two nodes it cannot be, and two kernels that write to it destroy it.',
      seen,
    });
  }
  const beside = reachedBeside(facts, place);
  if (isSome(beside)) return sharedDirectory(facts, { place, users, beside });
  return ofPods(facts, worker, users);
}

/** Whoever has the directory of the NAS through another claim, or a volume of its own, would go on with the old files. */
function reachedBeside({ cluster: { volumes, users: lists, pods } }: Facts, { source, backing }: Place): readonly string[] {
  if (backing.kind !== 'nfs' || !volumes.known || !pods.known) return [];
  const beside = { path: backing.path, claim: source, volumes: volumes.value };
  const known = lists.flatMap((list) => (list.known ? list.value : []));
  const loose = pods.value.filter((pod) => isLiving(pod) && !known.some((user) => isPodOf(user, pod)));
  return [
    ...known.filter((user) => mountsBeside(user, beside)).map(nameOf),
    ...loose
      .filter(({ namespace, spec }) => mountsBeside({ namespace, volumes: spec.volumes }, beside))
      .map(({ namespace, name }) => `Pod ${namespace}/${name}`),
  ];
}

interface Shared {
  readonly place: Place;
  readonly users: Users;
  readonly beside: readonly [string, ...string[]];
}

function sharedDirectory({ cluster: { volumes } }: Facts, { place, users, beside }: Shared): Part {
  const path = place.backing.kind === 'nfs' ? place.backing.path : '';
  return found({
    code: 'not-one-user',
    subject: idOf(place),
    says: `${idOf(place)} is ${path} on the NAS, and that directory, or one below or above it, is reached without this claim too: ${beside.join(', ')}`,
    remedy:
      'Find out what each of them does there: only once one workload alone has the directory, and through this claim, it can be moved.',
    doNot: 'Do not move it before that: the others would go on reading and writing the old files, and nothing would say so.',
    seen: [...users.source.seen, ...knownOf([volumes])],
  });
}

function ofPods({ cluster: { autoscalers } }: Facts, worker: User, { source: { seen } }: Users): Part {
  const runs = Math.max(worker.runs, worker.ranBefore ?? 0);
  if (runs > 1)
    return found({
      code: 'many-replicas',
      subject: nameOf(worker),
      says: `${nameOf(worker)} is to run ${runs} pods, and a disk can be at one node only`,
      remedy: 'Ask its owner whether one pod is enough; set that where it is written, then ask again.',
      seen,
    });
  const isIts = ({ namespace, target: { kind, name } }: { namespace: string; target: { kind: string; name: string } }) =>
    namespace === worker.namespace && kind === worker.kind && name === worker.name;
  const scaler = autoscalers.known ? autoscalers.value.find(isIts) : undefined;
  if (!autoscalers.known || scaler === undefined)
    return told(ok(`${nameOf(worker)} alone has the files, and can be stopped and started`, ...seen));
  const by = scaler.owner === undefined ? '' : `, which ${scaler.owner.kind} ${scaler.owner.name} made`;
  return found({
    code: 'many-replicas',
    subject: nameOf(worker),
    says: `HorizontalPodAutoscaler ${scaler.name}${by} says how many pods ${nameOf(worker)} runs, and a disk can be at one node only`,
    remedy: 'Its owner takes the autoscaler away where it is written, and lets one pod run; then ask again.',
    doNot: 'Do not stop it by hand beside that: what scales from 0 would start it while its files are copied.',
    seen: [autoscalers, ...seen],
  });
}
