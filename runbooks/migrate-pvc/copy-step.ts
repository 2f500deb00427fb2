import { copyClaim, copyJobs } from '../../src/commands/copy-jobs.ts';
import { workNamed } from '../../src/commands/work.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Check, Step } from '../../src/core/plan.ts';
import { check, noUndo, verify, within } from '../../src/core/plan.ts';
import { sizeOf } from '../../src/core/size.ts';
import { userIs } from '../../src/topology/stopped-users.ts';
import { usedBytes } from './room.ts';
import { noPodHas, type Situation, sourceIsFree, sourceStays, targetIsFree, targetIsThere } from './situation.ts';
import { completeFor, failedInto, signatureOf } from './state.ts';

/** Of more than this only databases are hashed: all is read three times. */
const HASHED_BYTES = 50 * 2 ** 30;
/** A busy disk reads that much a second, and 25 files. */
const SLOWEST_BYTES_PER_S = 5_000_000;
const UNKNOWN_FILES = 250_000;

/** The second round: all files are copied and compared by a Job, while nobody runs. */
export function copySteps(situation: Situation): readonly Step[] {
  const { facts, place, users, because, workName } = situation;
  const { namespace, name: source } = place.source;
  const bytes = usedBytes(place);
  if (bytes === undefined || !place.jobs.known || place.source.uid === undefined) return [];
  const name = workNamed(workName, 'copy');
  const files = place.tree?.known === true ? place.tree.value.files : UNKNOWN_FILES;
  const deadlineS = Math.ceil(900 + (3 * bytes) / SLOWEST_BYTES_PER_S + files / 25);
  const { change, work } = copyClaim({
    namespace,
    name,
    deadlineS,
    image: facts.image,
    source,
    sourceUid: place.source.uid,
    target: place.target,
    failed: failedInto(place.jobs.value, place.made),
    hashedBytes: HASHED_BYTES,
    stopped: signatureOf(users.source.users, place.made),
  });
  const step: Step = {
    title: `Copy the files of ${namespace}/${source} to ${place.target}, and compare both`,
    because,
    before: [
      sourceStays(situation),
      ...users.source.users.map((user) => userIs(user, user)),
      targetIsThere(situation),
      noPodHas(situation, source),
      noPodHas(situation, place.target),
      notCopied(situation),
      ...sourceIsFree(situation),
      ...targetIsFree(situation),
    ],
    change,
    work,
    after: within(
      (deadlineS + 120) * 1_000,
      verify(
        `Job ${namespace}/${name} is complete: both sides were counted, listed and hashed, and are the same`,
        copyJobs({ namespace, source, target: place.target }),
        (all) => all.some((each) => each.name === name && each.state === 'complete'),
      ),
    ),
    undo: noUndo('The old claim is as it was. The new one keeps what was copied, until a person deletes it.'),
    holds: [
      changes('pvc', `${namespace}/${place.target}`),
      uses('pvc', `${namespace}/${source}`),
      ...users.source.users.map((user) => uses('workload', `${user.namespace}/${user.name}`)),
    ],
    warnings: [
      `${sizeOf(bytes)}${place.tree?.known === true ? ` and ${files} files` : ' at most'} are read several times; it ends after ${Math.ceil(deadlineS / 60)} minutes at the latest.`,
      'The old claim is mounted read-only. Nothing but the files of it stays in the new one.',
    ],
  };
  return [step];
}

function notCopied({ place: { source, target, made }, users: { source: own } }: Situation): Check {
  const jobs = copyJobs({ namespace: source.namespace, source: source.name, target });
  return check(
    'No Job copies it now, or has copied all since its users were stopped',
    jobs,
    (all) => all.every(({ state }) => state !== 'running') && completeFor({ jobs: all, made, users: own.users }) === undefined,
  );
}
