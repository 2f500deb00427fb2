import type { Diagnosis, Evidence, Finding } from '../../../src/core/finding.ts';
import { bad, notSeen, ok } from '../../../src/core/finding.ts';
import type { WrittenFacts } from '../causes.ts';
import type { Code } from '../codes.ts';
import type { Facts, NodeFacts } from '../facts.ts';

const NAMED = 20;

/** A soft mount gives a program an error for what it could not write, and many a program does not look. */
export function diagnoseOutages(facts: Facts): Diagnosis<Code> {
  const { outages, written } = facts.causes;
  const clocks = outages.flatMap(({ node }) => facts.causes.clocks[node] ?? []);
  const { nasClock } = facts.causes;
  return {
    evidence: [
      ...facts.nodes.filter(hasSoftMount).flatMap(({ name, kernel }) => notSeen(`Kernel log of ${name}`, [kernel])),
      ...(outages.length === 0 ? [] : notSeen('Clocks', [...clocks, ...(nasClock === undefined ? [] : [nasClock])])),
      ...written.flatMap(writtenEvidence),
    ],
    findings: written.flatMap((each) => {
      const node = facts.nodes.find(({ name }) => name === each.node);
      return node === undefined ? [] : maybeLost(facts, node, each);
    }),
  };
}

function hasSoftMount({ probes }: NodeFacts): boolean {
  return probes.some(({ mount }) => mount.options.includes('soft'));
}

function writtenEvidence({ path, node, window, files }: WrittenFacts): Evidence[] {
  const what = `Files below ${path} from ${timeOf(window.fromS)} to ${timeOf(window.toS)}, when ${node} gave up calls`;
  if (!files.known) return notSeen(what, [files]);
  return [
    files.value.length === 0 ? ok(`${what}: none was written`, files) : bad(`${what}: ${files.value.length} were written`, files),
  ];
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function maybeLost({ causes: { clocks, nasClock } }: Facts, node: NodeFacts, written: WrittenFacts): Finding<Code>[] {
  const { path, files, window } = written;
  const { kernel, mounts, name } = node;
  const clock = clocks[name];
  if (!files.known || files.value.length === 0 || !kernel.known || !mounts.known || !clock?.known || !nasClock?.known) return [];
  const listed = files.value.slice(0, NAMED).join(', ');
  const more = files.value.length > NAMED ? ` and ${files.value.length - NAMED} more` : '';
  return [
    {
      code: 'write-maybe-lost',
      subject: path,
      says: `The kernel of ${name} gave up calls between ${timeOf(window.fromS)} and ${timeOf(window.toS)}, the mount is soft, and ${files.value.length === 1 ? 'one file was' : `${files.value.length} files were`} written meanwhile: ${listed}${more}`,
      remedy:
        'Compare these files with a snapshot or the offsite copy, in size and content, and bring back those that are short (/storage restore files). Ask their owners which uploads failed.',
      doNot: 'Do not roll a snapshot back: that loses all that was written well since. Do not close this as recovered by itself.',
      seen: [files, kernel, mounts, clock, nasClock],
    },
  ];
}
