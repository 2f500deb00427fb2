import type { Diagnosis, Evidence, Finding } from '../../../src/core/finding.ts';
import { bad, notSeen, ok } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { VersionTest } from '../causes.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';

/** What the same mount gives by each version of NFS: one that fails where another works is neither path, export nor network. */
export function diagnoseVersions(facts: Facts): Diagnosis<Code> {
  const { versions } = facts.causes;
  const [failed] = versions;
  if (failed === undefined) return { evidence: [], findings: [] };
  const here = versions.filter(({ node }) => node === failed.node);
  const elsewhere = versions.filter(({ node }) => node !== failed.node);
  const evidence = [...versions.flatMap(testEvidence), ...keptOnNode(here, elsewhere), ...lockdEvidence(facts)];
  const findings = [v3Broken(facts, here), v42Broken(facts, here)];
  return { evidence, findings: findings.filter((each) => each !== undefined) };
}

function testEvidence({ node, version, path, result }: VersionTest): Evidence[] {
  const what = `Fresh mount of ${path} on ${node} by NFSv${version}`;
  if (!result.known) return notSeen(what, [result]);
  return [result.value === 'mounts' ? ok(`${what} works`, result) : bad(`${what}: ${result.value}`, result)];
}

/** It hints at NFSv3 and proves nothing: many servers log it at each start and serve NFSv3 all the same. */
function lockdEvidence({ nas: { log }, causes }: Facts): Evidence[] {
  const line = log?.known ? log.value.findLast(({ text }) => /lockd configuration failure/.test(text)) : undefined;
  return causes.versions.length === 0 || !log?.known || line === undefined
    ? []
    : [bad(`The NFS server logged when it started: ${line.text.slice(0, 300)}`, log)];
}

/** What another node still mounts is not the server's fault. */
function keptOnNode(here: readonly VersionTest[], elsewhere: readonly VersionTest[]): Evidence[] {
  return here.flatMap(({ node, version, result }) => {
    const there = elsewhere.find((test) => test.version === version);
    if (!result.known || !there?.result.known || result.value === 'mounts' || there.result.value !== 'mounts') return [];
    return [
      bad(`${there.node} mounts by NFSv${version} what ${node} does not: the fault is kept on ${node}`, result, there.result),
    ];
  });
}

type Outcome = Known<string> | undefined;

function outcomeOf(tests: readonly VersionTest[], version: VersionTest['version']): Outcome {
  const result = tests.find((test) => test.version === version)?.result;
  return result?.known ? result : undefined;
}

function works(tests: readonly VersionTest[], versions: readonly VersionTest['version'][]): Outcome {
  return versions.map((version) => outcomeOf(tests, version)).find((outcome) => outcome?.value === 'mounts');
}

const NO_RESTART =
  'Do not restart the NFS server, again or at all: that is what broke NFSv3 for 48 mounts. Do not unmount by force.';

function v3Broken({ nas, site }: Facts, here: readonly VersionTest[]): Finding<Code> | undefined {
  const v3 = outcomeOf(here, '3');
  const v4 = works(here, ['4.1', '4.2']);
  const node = here[0]?.node ?? '';
  if (v3?.value !== 'io-error' || v4 === undefined || !nas.mountd?.known || !nas.mountd.value) return undefined;
  return {
    code: 'v3-broken',
    subject: node,
    says: `On ${node} a fresh mount of ${here[0]?.path} fails with an input/output error by NFSv3 and works by NFSv4, while mountd of ${site.nas.host.name} runs`,
    remedy:
      'Pin nfsvers=4 on the PersistentVolumes (/storage tune nfs mounts, and their Terraform module), then recreate the pods one by one. A node that still fails needs a restart of its machine.',
    doNot: `${NO_RESTART} Do not restart all pods of a StatefulSet at once.`,
    seen: [v3, v4, nas.mountd],
  };
}

function v42Broken({ site }: Facts, here: readonly VersionTest[]): Finding<Code> | undefined {
  const v42 = outcomeOf(here, '4.2');
  const v41 = outcomeOf(here, '4.1');
  const node = here[0]?.node ?? '';
  if (v41?.value !== 'mounts' || v42 === undefined || !BROKEN.includes(v42.value)) return undefined;
  return {
    code: 'v42-session-broken',
    subject: node,
    says: `On ${node} a fresh mount of ${here[0]?.path} from ${site.nas.host.name} works by NFSv4.1 and not by 4.2 (${v42.value})`,
    remedy:
      'Pin nfsvers=4.1 on the PersistentVolumes that must mount now (/storage tune nfs mounts); the damaged session goes with a restart of the machine of that node, in a window and after moving its pods.',
    doNot: `${NO_RESTART} Do not force-delete the pods of the node: that is how such sessions are damaged.`,
    seen: [v41, v42],
  };
}

/** How a damaged session fails; a server that refuses the version says so. */
const BROKEN: readonly string[] = ['io-error', 'silent', 'hangs'];
