import { persistentVolumes, podsOfNamespace } from '../../src/commands/cluster.ts';
import { deletePod, setMountOptions } from '../../src/commands/cluster-changes.ts';
import type { PersistentVolume, Pod } from '../../src/commands/cluster-objects.ts';
import { sameOptions, versionIn } from '../../src/commands/mount-options.ts';
import { testMount } from '../../src/commands/nfs-client.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { allHolds, changes, uses } from '../../src/core/hold.ts';
import type { Check, Plan, Step, Verification } from '../../src/core/plan.ts';
import { check, noUndo, steps, stop, verify } from '../../src/core/plan.ts';
import { nodeHost } from '../../src/core/site.ts';
import { changesWorkload, usesClaim, usesExport, usesNas } from '../../src/repairs/holds.ts';
import { isAlive, noStuckMounter } from '../../src/repairs/pods.ts';
import { isOnNas, volumesOf } from '../../src/topology/volumes.ts';
import type { Code } from './codes.ts';
import type { User } from './databases.ts';
import { databaseIn } from './databases.ts';
import type { Facts, FreshMount, TunedVolume } from './facts.ts';
import { recreated } from './recreated.ts';

/** First the volumes; once they have the options, the pods. */
export function plan(diagnosis: Diagnosis<Code>, facts: Facts): Plan {
  const withCode = (code: Code) => diagnosis.findings.filter((finding) => finding.code === code);
  const [failing] = withCode('fresh-mount-fails');
  if (failing !== undefined) return stop(`First: ${failing.remedy}`);
  const volumes = withCode('volume-options');
  const planned =
    volumes.length > 0
      ? volumes.flatMap((because) => volumeStep(because, facts))
      : withCode('mount-options').flatMap((because) => podStep(because, facts));
  const [first, ...more] = planned;
  if (first !== undefined) return steps(first, ...more);
  return stop(volumes.length > 0 ? WHY.blind : WHY[verdictOf(diagnosis)]);
}

const WHY = {
  well: 'Every volume and every mount is as wanted: nothing to do.',
  ill: 'There is no change that this bot may make for this: see the remedy of each finding.',
  blind: 'Not everything that this depends on could be seen: no plan is made from what is not known.',
} as const;

/** Undefined where not every node on which it is used could make a fresh mount of it. */
function testsOf({ nodes }: Facts, { volume, pods }: TunedVolume): readonly FreshMount[] | undefined {
  const used = [...new Set(pods.flatMap(({ node }) => node ?? []))];
  const tests = nodes
    .flatMap(({ freshMounts }) => freshMounts)
    .filter(({ node, path, server }) => used.includes(node) && path === volume.backing.path && server === volume.backing.server);
  const works = tests.filter(({ result }) => result.known && result.value === 'mounts');
  return works.length === used.length ? works : undefined;
}

function stillMounts({ site }: Facts, test: FreshMount): Check {
  return check(
    `A fresh mount of ${test.path} works on ${test.node}`,
    testMount(nodeHost(site, test.node), test.server, test),
    (result) => result === 'mounts',
  );
}

const optionsOf = (all: readonly PersistentVolume[], wanted: string) => all.find(({ name }) => name === wanted)?.mountOptions;

function has(name: string, options: readonly string[]): Verification {
  return verify(`${name} has ${options.length === 0 ? 'no mount options' : options.join(',')}`, persistentVolumes(), (all) => {
    const now = optionsOf(all, name);
    return now !== undefined && sameOptions(now, options);
  });
}

function allHave(volumes: readonly TunedVolume[]): Check {
  const names = volumes.map(({ volume }) => volume.persistentVolume ?? volume.name);
  return check(`${names.join(', ')} still have the options that are wanted`, persistentVolumes(), (all) =>
    volumes.every(({ volume, target }) => sameOptions(optionsOf(all, volume.persistentVolume ?? '') ?? [], target)),
  );
}

function volumeStep(because: Finding, facts: Facts): readonly Step[] {
  const each = facts.volumes.find(({ volume }) => volume.persistentVolume === because.subject);
  const tests = each && testsOf(facts, each);
  if (each === undefined || tests === undefined) return [];
  const { volume, target, pods, idle } = each;
  const name = because.subject;
  const risk = riskOf(target, [...pods, ...idle]);
  const [old, now] = [has(name, volume.mountOptions), has(name, target)];
  return [
    {
      title: `Set the mount options of PersistentVolume ${name}`,
      because,
      before: [old, ...tests.map((test) => stillMounts(facts, test))],
      change: setMountOptions(name, target, risk),
      after: now,
      undo: { change: setMountOptions(name, volume.mountOptions, risk), before: [now], after: old },
      holds: [changes('pv', name), uses('pvc', `${volume.namespace}/${volume.name}`)],
      warnings: [
        'Pods that run keep their mounts until they are made anew, which is asked for next, one by one.',
        "Change the same in the volume's Terraform module, or its next apply takes this back.",
        ...softWarnings(target, [...pods, ...idle]),
        ...versionWarnings(each),
      ],
    },
  ];
}

function riskOf(target: readonly string[], users: readonly User[]) {
  return target.includes('soft') && users.some((each) => databaseIn(each) !== undefined) ? 'high' : 'normal';
}

function softWarnings(target: readonly string[], users: readonly User[]): readonly string[] {
  if (!target.includes('soft')) return [];
  const found = users.flatMap((each) => {
    const database = databaseIn(each);
    return database === undefined ? [] : [`${each.namespace}/${each.name} (${database})`];
  });
  if (found.length === 0) {
    return ['Soft: a write that times out is lost. Whether a program here keeps a database in a file (SQLite) cannot be seen.'];
  }
  return [
    `SOFT LOSES WRITES OF A DATABASE WITHOUT A WORD: ${found.join(', ')} IS ONE. AFTER THE NEXT OUTAGE IT MAY BE DAMAGED. Ask for hard, or move it to a block volume.`,
  ];
}

function versionWarnings({ volume, target }: TunedVolume): readonly string[] {
  const version = versionIn(target);
  if (version === undefined || version === versionIn(volume.mountOptions) || version === '3') return [];
  return ['NFSv4 sends owners by name: if all files belong to 65534 (nobody) in the first pod, stop there.'];
}

/** The pod with all its volumes that are to change; each step is approved, verified and followed by the next. */
function podStep(because: Finding, facts: Facts): readonly Step[] {
  const { look, site, volumes } = facts;
  const pod = look.pods.known
    ? look.pods.value.find(({ namespace, name }) => `${namespace}/${name}` === because.subject)
    : undefined;
  if (pod?.node === undefined || !look.pods.known) return [];
  const host = nodeHost(site, pod.node);
  const own = volumes.filter(({ pods }) => pods.some(({ uid }) => uid === pod.uid));
  const tests = testsFor(pod, facts);
  if (tests === undefined) return [];
  const claimed = own.filter(({ volume }) => !volume.backing.inline);
  const known = look.pods.value.map(({ uid }) => uid);
  return [
    {
      title: `Recreate pod ${pod.namespace}/${pod.name}`,
      because,
      before: [
        check('This very pod still runs, and its owner will make another', podsOfNamespace(pod.namespace), (now) =>
          now.some((each) => isAlive(each, pod.uid)),
        ),
        allHave(claimed),
        ...tests.map((test) => stillMounts(facts, test)),
        noStuckMounter(host),
      ],
      change: deletePod(pod, claimed.some(({ target }) => riskOf(target, [pod]) === 'high') ? 'high' : 'normal'),
      after: recreated({ pod, known, volumes: claimed, site }),
      undo: noUndo('Not needed: its owner starts a new pod, which mounts with the options that its volumes have by then.'),
      holds: [changesWorkload(pod), uses('node', pod.node), ...allHolds([...own.flatMap(below), usesNas(site)])],
      warnings: podWarnings(pod, claimed),
    },
  ];
}

/** Fresh mounts of all that the pod's successor needs from this NAS; undefined where one was not made or does not work. */
function testsFor(pod: Pod, { look: { cluster }, nodes, site }: Facts): readonly FreshMount[] | undefined {
  if (cluster === undefined) return undefined;
  const made = nodes.find(({ name }) => name === pod.node)?.freshMounts ?? [];
  const needed = volumesOf(cluster, [pod], []).filter((volume) => isOnNas(volume, site));
  const tests = needed.map(({ backing }) => made.find(({ path, server }) => path === backing.path && server === backing.server));
  const works = tests.flatMap((test) => (test?.result.known && test.result.value === 'mounts' ? [test] : []));
  return works.length === needed.length ? works : undefined;
}

function below({ volume }: TunedVolume) {
  return [...usesClaim(volume), usesExport(volume.backing.path)];
}

function podWarnings(pod: Pod, claimed: readonly TunedVolume[]): readonly string[] {
  const inSet = pod.owner?.kind === 'StatefulSet';
  return [
    ...(inSet ? ['It belongs to a StatefulSet: it is absent until its successor is ready.'] : []),
    ...new Set(claimed.flatMap(({ target }) => softWarnings(target, [pod]))),
  ];
}
