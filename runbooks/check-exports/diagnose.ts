import type { Diagnosis, Evidence } from '../../src/core/finding.ts';
import { knownOf, notSeen, ok, together } from '../../src/core/finding.ts';
import { isAtOrBelow } from '../../src/core/path.ts';
import { pathsIn } from '../../src/repairs/export-checks.ts';
import { diagnoseClients, namedClients } from './clients.ts';
import type { Code } from './codes.ts';
import { diagnoseDatasets } from './datasets.ts';
import { diagnoseDirectories } from './directories.ts';
import type { Facts } from './facts.ts';
import { isMeant, linesOf } from './facts.ts';
import { diagnoseLines } from './lines.ts';
import { diagnoseShares } from './shares.ts';
import { diagnoseUsers } from './users.ts';

/** Each question is asked of all exports at once; a path that is missing or hidden is not blamed a second time for being unread. */
export function diagnose(facts: Facts): Diagnosis<Code> {
  const { nas, cluster, directories, empty } = facts;
  const looks = [nas.kernel, nas.middleware, nas.active, nas.file, nas.dropIns, nas.log, nas.datasets, nas.shares, directories];
  const onNas = [...looks, ...empty.map(({ isEmpty }) => isEmpty)].filter((each) => each !== undefined);
  const blind = [...notSeen('Exports of the NAS', onNas), ...notSeen('Volumes of the cluster', cluster.lists)];
  const parts = [diagnoseDatasets, diagnoseDirectories, diagnoseLines, diagnoseShares, diagnoseClients, diagnoseUsers];
  const all = together([{ evidence: blind, findings: [] }, ...parts.map((part) => part(facts))]);
  const about = all.findings.length === 0 ? allWell(facts) : [];
  return { evidence: [...all.evidence, ...about, ...unused(facts)], findings: all.findings };
}

/** One sentence, with the figures that make it one. */
function allWell(facts: Facts): Evidence[] {
  const { nas, cluster, users, directories, within } = facts;
  const from = linesOf(nas);
  if (from === undefined || !nas.active?.known || !directories?.known || cluster.cluster === undefined) return [];
  const exported = pathsIn(nas.active.value).filter((path) => isMeant(facts, path));
  const used = [...new Set(users.map(({ path }) => path))].filter((path) => isMeant(facts, path));
  const where = within === undefined ? '' : ` at, above or below ${within}`;
  const names = namedClients(facts);
  const others =
    names.length === 0 ? ' only' : `, or for clients by name (${names.join(', ')}), whose addresses are not looked up`;
  const each = `each with its directory, in the file that makes it, and for the network of the site${others}`;
  const says = `Exports in force${where}: ${exported.length}, ${each}; paths that the cluster names: ${used.length}, all of them covered`;
  return [ok(says, nas.active, directories, ...from.files, ...knownOf<unknown>(cluster.lists))];
}

/** For information: somebody outside of the cluster may use them. */
function unused(facts: Facts): Evidence[] {
  const { cluster, users } = facts;
  const { active } = facts.nas;
  const lists = knownOf(cluster.lists);
  if (!active?.known || cluster.cluster === undefined) return [];
  const idle = pathsIn(active.value)
    .filter((path) => isMeant(facts, path))
    .filter((path) => !users.some((user) => isAtOrBelow(user.path, path)));
  if (idle.length === 0) return [];
  const says = `Exported, and named by nothing in the cluster (others may use it): ${idle.join(', ')}`;
  return [ok(says, active, ...lists)];
}
