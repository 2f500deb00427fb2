import type { Pod } from '../../src/commands/cluster-objects.ts';
import type { Diagnosis, Evidence, Finding } from '../../src/core/finding.ts';
import { bad, isSome, notSeen, ok, together } from '../../src/core/finding.ts';
import { isDamaged } from '../../src/topology/sqlite-damage.ts';
import { isSilent, notMounted, provesBacking, type SqliteLook } from '../../src/topology/sqlite-look.ts';
import { backups } from './backups.ts';
import type { Code } from './codes.ts';
import { content } from './content.ts';
import type { Facts } from './facts.ts';
import { files } from './files.ts';
import { insideOf } from './inside.ts';
import { log } from './log.ts';
import { volume } from './volume.ts';

/** What is wrong with the content comes before what is wrong around it. */
export function diagnose(facts: Facts): Diagnosis<Code> {
  const { look } = facts;
  const { cluster, inside } = look;
  const blind = [
    ...notSeen('The cluster', cluster.lists),
    ...(inside === undefined ? [] : blindInside(look, inside)),
    ...notSeen(`What ${look.service} wrote`, facts.log === undefined ? [] : [facts.log]),
    ...notSeen('What the kernel said of it', facts.kernel === undefined ? [] : [facts.kernel]),
  ];
  const its = insideOf(look);
  const damage = its?.inside.check.known === true && isDamaged(its.inside.check) ? [its.inside.check, ...its.proof] : [];
  return together([
    { evidence: [...blind, ...standing(look), ...notMounted(look)], findings: missing(look) },
    content(facts),
    files(facts),
    volume(facts),
    { evidence: log(facts), findings: [] },
    ...(damage.length === 0 ? [] : [backups(facts, damage)]),
  ]);
}

function blindInside({ place, service }: SqliteLook, { mount, files: all, space, check }: NonNullable<SqliteLook['inside']>) {
  const at = place === undefined ? '' : ` on ${place.host.name}`;
  const around = [all, ...(mount === undefined ? [] : [mount]), ...(space === undefined ? [] : [space])];
  return [...notSeen(`The database of ${service}${at}`, [check]), ...notSeen(`The volume of ${service}${at}`, around)];
}

/** What the database is on, and what is easily taken for it. */
function standing(look: SqliteLook): Evidence[] {
  const { backing, place, service } = look;
  if (backing?.found !== true) return [];
  const { workload, volume: its, pods, leftovers } = backing;
  const proof = provesBacking(look);
  const on =
    its.backing.kind === 'nfs'
      ? `${its.backing.server}:${its.backing.path}`
      : its.backing.kind === 'csi'
        ? its.backing.driver
        : 'a volume of another kind';
  const says = `${service} is ${workload.kind} ${workload.namespace}/${workload.name}, its database on claim ${its.name} (${its.persistentVolume} on ${on})`;
  const others = leftovers.map(({ name }) => name);
  const left = isSome(others)
    ? [ok(`Nobody mounts ${others.join(', ')} in ${its.namespace}: nothing there is the database`, ...proof)]
    : [];
  const unseen = `No pod that runs has claim ${its.namespace}/${its.name} mounted, and it is on a disk of its own: the database could not be looked at. Start ${workload.kind} ${workload.name}; where its pod waits for the volume, \`/storage diagnose block ${its.namespace}\` says why`;
  const nowhere: Evidence[] =
    place === undefined ? [{ status: 'unknown', says: pods.length === 0 ? unseen : `${unseen}.`, seen: proof }] : [];
  return [ok(says, ...proof), ...left, ...nowhere, ...silentPods(look, pods)];
}

/** Whatever phase they have: it is the last one that their nodes told. */
function silentPods({ cluster: { nodes }, place }: SqliteLook, pods: readonly Pod[]): Evidence[] {
  if (!nodes.known) return [];
  const silent = pods.filter((pod) => isSilent(pod, nodes));
  return silent.map((pod) => {
    const says = `Pod ${pod.name} is on ${pod.node}, which does not report to the cluster: it may still write, and nobody sees what it has not written to the volume yet`;
    const where =
      place?.pod?.uid === pod.uid
        ? `. The look went to that node nevertheless, since what lies in the volume may be half of a transaction. \`/storage diagnose node ${pod.node}\` says why it is silent`
        : `. The look went to ${place?.host.name ?? 'no node'}. Make sure that ${pod.node} is off before anything is restored: \`/storage diagnose node ${pod.node}\``;
    return bad(`${says}${where}`, nodes);
  });
}

function missing(look: SqliteLook): Finding<Code>[] {
  const { backing, service } = look;
  const [first, ...more] = provesBacking(look);
  if (backing?.found !== false || first === undefined) return [];
  const remedy = `Correct site.databases.sqlite.${service} in the configuration, or make what is missing in the cluster: /storage diagnose block tells of claims that are not bound.`;
  return [
    {
      code: 'no-volume',
      subject: service,
      says: `The database of ${service} has no place: ${backing.says}.`,
      remedy,
      seen: [first, ...more],
    },
  ];
}
