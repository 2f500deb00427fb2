import { stuckMounters } from '../../src/commands/node-system.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { bad, notSeen, ok, together } from '../../src/core/finding.ts';
import type { Code } from './codes.ts';
import type { Facts, FreshMount, NodeFacts } from './facts.ts';

/** Whether a pod that is made now could mount what it needs, in the version that is wanted. */
export function freshMounts({ nodes }: Facts): Diagnosis<Code> {
  const tests = nodes.flatMap((node) => node.freshMounts);
  const parts = together<Code>([...nodes.map(stuck), ...tests.map(diagnoseTest)]);
  const once = new Map(parts.findings.toReversed().map((finding) => [finding.subject, finding]));
  return { ...parts, findings: [...once.values()].toReversed() };
}

function stuck({ name, processes }: NodeFacts): Diagnosis<Code> {
  if (!processes.known || stuckMounters(processes.value).length === 0) return { evidence: [], findings: [] };
  return {
    evidence: [bad(`A mount on ${name} waits in its kernel: nothing is mounted there as a test`, processes)],
    findings: [],
  };
}

function diagnoseTest({ node, server, path, version, result }: FreshMount): Diagnosis<Code> {
  const what = `A fresh mount of ${path}${version === undefined ? '' : ` with NFSv${version}`} on ${node}`;
  if (!result.known) return { evidence: notSeen(what, [result]), findings: [] };
  if (result.value === 'mounts') return { evidence: [ok(`${what} works`, result)], findings: [] };
  const why = result.value === 'unsupported' ? 'the server does not speak that version, or knows no such path' : result.value;
  const says = `${what} fails: ${why}`;
  return {
    evidence: [bad(says, result)],
    findings: [
      {
        code: 'fresh-mount-fails',
        subject: path,
        says,
        remedy:
          version === undefined
            ? `Find out first what is wrong with ${server}:${path}: a pod that is made anew now would not start.`
            : `Ask for a version that the server speaks: with NFSv${version} no new pod would start.`,
        doNot: 'Do not restart the NFS server to change its versions: that breaks every mount that works.',
        seen: [result],
      },
    ],
  };
}
