import type { Evidence } from '../../../src/core/finding.ts';
import { bad, couldNotLook, isSome, ok } from '../../../src/core/finding.ts';
import type { Known, Unknown } from '../../../src/core/reading.ts';
import type { NfsVolume } from '../../../src/topology/volumes.ts';
import type { Facts, MountFacts } from '../facts.ts';
import { isActive } from '../facts.ts';
import { inSentences, onceEach } from './many.ts';

export const STATES = {
  hangs: 'does not answer',
  stale: 'is stale: its directory on the server is another one now',
  'io-error': 'gives input/output errors',
  gone: 'is gone, though the pod still holds it',
} as const;

const STATES_OF_MANY: Readonly<Record<keyof typeof STATES, string>> = {
  hangs: 'do not answer',
  stale: 'are stale: their directories on the server are others now',
  'io-error': 'give input/output errors',
  gone: 'are gone, though pods still hold them',
};

export function nameOf({ mount, pod, node }: MountFacts): string {
  return `${mount.server}:${mount.remotePath} in pod ${pod.namespace}/${pod.name} on ${node}`;
}

/** What every mount said, in as few sentences as name each one that is not well. */
export function mountEvidence(probes: readonly MountFacts[]): Evidence[] {
  const known = probes.flatMap((probe) => (probe.answer.known ? [{ probe, answer: probe.answer }] : []));
  const answers = known.filter(({ answer }) => answer.value.state === 'answers').map(({ answer }) => answer);
  const silent = known.flatMap(({ probe, answer }) => {
    const { state } = answer.value;
    return state === 'answers' ? [] : [{ probe, answer, state }];
  });
  return [
    ...(isSome(answers) ? [ok(`${answers.length} of ${probes.length} mounts answer`, ...onceEach(answers))] : []),
    ...silentEvidence(silent),
    ...unseenEvidence(probes),
  ];
}

interface Silent {
  readonly probe: MountFacts;
  readonly answer: Known<unknown>;
  readonly state: keyof typeof STATES;
}

function silentEvidence(silent: readonly Silent[]): Evidence[] {
  return inSentences(silent, {
    kind: ({ probe, state }) => `${probe.node} ${state}`,
    one: ({ probe, answer, state }) => bad(`The mount of ${nameOf(probe)} ${STATES[state]}`, answer),
    several: (some, { count, part }) => {
      const [{ probe, answer, state }] = some;
      const names = some.map((each) => shortName(each.probe)).join(', ');
      return bad(`${count} mounts on ${probe.node} ${STATES_OF_MANY[state]}${part}: ${names}`, answer);
    },
  });
}

function unseenEvidence(probes: readonly MountFacts[]): Evidence[] {
  const unseen = probes.flatMap((probe): { probe: MountFacts; answer: Unknown }[] =>
    probe.answer.known ? [] : [{ probe, answer: probe.answer }],
  );
  return inSentences(unseen, {
    kind: ({ probe, answer }) => `${probe.node} ${answer.why.says}`,
    one: ({ probe, answer }) => couldNotLook(`Mount of ${nameOf(probe)}: could not look. ${answer.why.says}`, answer),
    several: (some, { count, part }) => {
      const [{ probe, answer }] = some;
      const names = some.map((each) => shortName(each.probe)).join(', ');
      return couldNotLook(
        `${count} mounts on ${probe.node}${part}: could not look. ${answer.why.says} They are ${names}`,
        answer,
      );
    },
  });
}

function shortName({ mount, pod }: MountFacts): string {
  return `${mount.remotePath} in ${pod.namespace}/${pod.name}`;
}

/** Two claims of a pod may be of one directory: the kernel's table does not say which mount is whose. */
function isSamePlace({ backing: one }: NfsVolume, { backing: other }: NfsVolume): boolean {
  return one.server === other.server && one.path === other.path;
}

/** A running pod whose mount the kernel does not have has lost it; one that waits has none yet. */
export function missingMounts({ nodes, volumes }: Facts): Evidence[] {
  const missing = nodes.flatMap(({ name, mounts, probes }) =>
    volumes.flatMap((volume) =>
      volume.pods
        .filter((pod) => pod.node === name && pod.phase === 'Running' && isActive(pod))
        .filter((pod) => !probes.some((probe) => probe.pod.uid === pod.uid && isSamePlace(probe.volume, volume)))
        .flatMap((pod) => (mounts.known ? [{ node: name, path: volume.backing.path, pod, mounts }] : [])),
    ),
  );
  return inSentences(missing, {
    kind: ({ node }) => node,
    one: ({ node, path, pod, mounts }) =>
      bad(`Pod ${pod.namespace}/${pod.name} runs on ${node} without its mount of ${path}`, mounts),
    several: (some, { count, part }) => {
      const [{ node, mounts }] = some;
      const names = some.map(({ path, pod }) => `${path} in ${pod.namespace}/${pod.name}`).join(', ');
      return bad(`${count} mounts that running pods need are missing on ${node}${part}: ${names}`, mounts);
    },
  });
}
