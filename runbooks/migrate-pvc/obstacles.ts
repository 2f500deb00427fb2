import type { CopyTold } from '../../src/commands/copy-jobs.ts';
import { NOT_EMPTY } from '../../src/commands/copy-scripts.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { knownOf, ok, together } from '../../src/core/finding.ts';
import { immovable } from '../../src/topology/claim-using.ts';
import { keeps } from '../../src/topology/cluster.ts';
import { nameOf } from '../../src/topology/stopped-users.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, Place } from './facts.ts';
import { number } from './one-user.ts';
import { roomObstacles } from './room.ts';
import { idOf, sourceObstacles } from './source.ts';
import { completeFor, copiesInto, type Users, usedBefore, workersOf } from './state.ts';

type Part = Diagnosis<Code>;

/** Everything that stands against a migration that is not over. */
export function obstacles(facts: Facts, place: Place, users: Users | undefined): Part {
  return together<Code>([
    sourceObstacles(facts, place),
    ...(users === undefined ? [] : [who(facts, place, users), job(place, users)]),
    target(facts, place),
    ...(users === undefined ? [] : [outdated(facts, place, users), counted(place, users)]),
    ...roomObstacles(facts, place),
    ...place.databases.filter(isInUse).map((look) => database(look)),
  ]);
}

const WHO: Readonly<
  Record<'operator-owned' | 'cannot-stop' | 'backup-running', Pick<Finding<Code>, 'code' | 'remedy' | 'doNot'>>
> = {
  'operator-owned': {
    code: 'operator-owned',
    remedy: 'Move it by the means of the operator: a new member or cluster on the other class, which copies its data itself.',
    doNot: 'Do not scale what an operator owns: it takes an instance that went away for a failure, and starts another.',
  },
  'cannot-stop': { code: 'cannot-stop', remedy: 'Stop it by hand, and note how it ran. Then ask again.' },
  'backup-running': { code: 'job-running', remedy: 'Wait until it has ended, then ask again.' },
};

function who(facts: Facts, place: Place, users: Users): Part {
  const { sets } = facts.cluster;
  const id = idOf(place);
  const { source } = users;
  const made = sets.known ? sets.value.find((set) => keeps({ ...set, kind: 'StatefulSet' }, place.source)) : undefined;
  if (made !== undefined) return template(place, users, made.name);
  const last = place.jobs.known ? place.jobs.value[0]?.name : undefined;
  const own = immovable(source, place.source);
  const others = immovable(users.target, { namespace: place.source.namespace, name: place.target });
  const all = new Map([...own, ...others].map((each) => [each.subject, each]));
  const isCopy = (why: string) => last !== undefined && why === `Job ${last} works on it now`;
  const blocked = [...all.values()].filter(({ why }) => !isCopy(why));
  const owners = blocked.map(({ code, subject, why }) =>
    found<Code>({ ...WHO[code], subject, says: `${subject} uses ${id}, and ${why}`, seen: source.seen }),
  );
  return together([...owners, ...(blocked.length > 0 ? [] : [number(facts, place, users)])]);
}

function template(place: Place, { source }: Users, set: string): Part {
  const { namespace, name, storageClass } = place.source;
  return found({
    code: 'claim-template',
    subject: `StatefulSet ${namespace}/${set}`,
    says: `StatefulSet ${namespace}/${set} made ${name} from its template, whose class is ${storageClass ?? 'not said'} and cannot be changed`,
    remedy:
      `Its owner changes the class where the set is written, deletes the set alone (kubectl delete statefulset ${set} --namespace=${namespace} --cascade=orphan), ` +
      'applies it anew, and gives each pod a claim of the new class in turn, once its data are copied or its database has made another member.',
    doNot: 'Do not delete the claims of the set: they are its data.',
    seen: source.seen,
  });
}

function job({ jobs }: Place, { source }: Users): Part {
  const [last] = jobs.known ? jobs.value : [];
  if (!jobs.known || last?.state !== 'running') return NOTHING;
  return found({
    ...WHO['backup-running'],
    subject: `Job ${last.name}`,
    says: `Job ${last.name} copies the claim now`,
    seen: [jobs, ...source.seen],
  });
}

/** Only what the bot made, of the class that was asked for, is the new claim. */
function target({ cluster: { claims }, asked }: Facts, { made, target: name, source }: Place): Part {
  if (!claims.known || made === undefined) return NOTHING;
  const isOurs = made.labels['app.kubernetes.io/managed-by'] === 'storagebot' && made.storageClass === asked.storageClass;
  if (isOurs && !made.isGoing) return told(ok(`${source.namespace}/${name} is ${made.phase}`, claims));
  const why = made.isGoing ? 'is being deleted' : `is of class ${made.storageClass ?? 'none'}, or was not made by the bot`;
  return found({
    code: 'target-exists',
    subject: `${source.namespace}/${name}`,
    says: `There is a claim ${source.namespace}/${name}, which ${why}`,
    remedy: 'Look what it holds; a person deletes it, or moves the claim by hand.',
    seen: [claims],
  });
}

/** Who ran again since wrote to one of the two, and nothing here tells to which. */
function outdated({ cluster: { claims } }: Facts, place: Place, { source, target: others }: Users): Part {
  const { jobs, made } = place;
  if (!jobs.known || !claims.known || made === undefined || workersOf(others.users).length > 0) return NOTHING;
  const id = `${place.source.namespace}/${place.target}`;
  const as = {
    code: 'copy-outdated',
    subject: id,
    remedy: `A person looks whether ${place.target} holds anything that ${place.source.name} does not (it does if a migration was taken back), deletes ${id}, and asks again.`,
    doNot: 'Do not copy over it before that: what was written to it after the switch is there alone.',
  } as const;
  const [used] = usedBefore(source, made);
  if (used !== undefined) {
    const says = `${nameOf(used)} used ${id} before, and uses ${idOf(place)} now`;
    return found<Code>({ ...as, says, seen: [claims, ...source.seen] });
  }
  const { told: tells } = place;
  const refused = tells?.known === true ? refusedAt(tells.value, place) : undefined;
  if (tells?.known === true && refused !== undefined) return found<Code>({ ...as, says: refused, seen: [claims, jobs, tells] });
  const complete = copiesInto(jobs.value, made).find(({ state }) => state === 'complete');
  const isStopped = source.users.every(({ runs }) => runs === 0);
  if (complete === undefined || (isStopped && completeFor({ jobs: jobs.value, made, users: source.users }) !== undefined))
    return NOTHING;
  const says = `Job ${complete.name} copied all to ${id}, and whoever uses ${idOf(place)} was changed or started since`;
  return found<Code>({ ...as, says, seen: [jobs, ...source.seen] });
}

/** What the last Job said, where it wrote nothing since this very claim holds what may not be its own. */
function refusedAt(tells: CopyTold, { jobs, made }: Place): string | undefined {
  const [last] = jobs.known ? jobs.value : [];
  if (last === undefined || !jobs.known || copiesInto(jobs.value, made)[0] !== last) return undefined;
  return tells.is === 'failed' && tells.says.startsWith(NOT_EMPTY) ? `Job ${last.name} copied nothing: ${tells.says}` : undefined;
}

/** The NAS counts where the files lie, and the Job through a mount of a client: nobody writes now, so that both see the same, or not the same place. */
function counted(
  { tree, told: tells, jobs, made, source: { namespace }, target: name }: Place,
  { source, target: others }: Users,
): Part {
  if (tree?.known !== true || tells?.known !== true || !jobs.known || tells.value.is !== 'complete') return NOTHING;
  const [last] = jobs.value;
  const copy = completeFor({ jobs: jobs.value, made, users: source.users });
  if (last === undefined || copy?.name !== last.name || workersOf(others.users).length > 0) return NOTHING;
  const { files, bytes } = tells.value.copied.source;
  const { value } = tree;
  if (files === value.files && bytes === value.bytes)
    return told(ok(`The NAS counts the same ${files} files and ${bytes} bytes`, tree));
  return found({
    code: 'copy-outdated',
    subject: `${namespace}/${name}`,
    says: `Job ${last.name} found ${files} files with ${bytes} bytes, and the NAS has ${value.files} with ${value.bytes} in that directory: somebody wrote to it since, or the Job saw another directory`,
    remedy: `Find out who writes there, and compare what a pod sees with what lies on the NAS (/storage diagnose nfs). Then a person deletes ${namespace}/${name}, and asks again.`,
    doNot: 'Do not switch to that copy: it is not all that there is.',
    seen: [tree, tells, jobs, ...source.seen],
  });
}

/** Once nobody runs, the copy itself is asked: whether the NAS has SQLite must not keep a service down. */
export function isInUse({ place }: Place['databases'][number]): boolean {
  return place?.pod !== undefined;
}

/** the damage goes along, and a repair in place makes it worse. */
function database({ service, inside, cluster }: Place['databases'][number]): Part {
  const check = inside?.check;
  if (check?.known !== true) return NOTHING;
  const { value } = check;
  const says = damageOf(value);
  if (value.result === 'refused')
    return told(ok(`SQLite could not be asked about ${service} now (${value.says}); the copy is asked while nobody runs`, check));
  if (says === undefined) return told(ok(`SQLite finds nothing wrong in the database of ${service}`, check));
  return found({
    code: 'database-damaged',
    subject: service,
    says: `The database of ${service} is damaged: ${says}`,
    remedy: `Look with /storage diagnose sqlite ${service}, and restore or rebuild it first: then migrate.`,
    doNot: 'Do not take the damage along, and do not VACUUM or REINDEX it where it is: over NFS that is what damages it further.',
    seen: [check, ...knownOf(cluster.lists)],
  });
}

type Check = Extract<NonNullable<Place['databases'][number]['inside']>['check'], { readonly known: true }>['value'];

function damageOf(check: Check): string | undefined {
  if (check.result === 'damaged') return check.says;
  if (check.result === 'refused' || check.integrity.join() === 'ok') return undefined;
  return check.integrity.slice(0, 3).join('; ');
}
