import { z } from 'zod';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { directoryStep, exportSteps } from '../../src/repairs/export.ts';
import { reloadStep } from '../../src/repairs/export-files.ts';
import { exportChanges } from '../../src/topology/exported.ts';
import { nobodyUses } from '../../src/topology/users.ts';
import type { Code } from './codes.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import type { Facts } from './facts.ts';
import { gather } from './facts.ts';

/** A path, or a service's name; which paths are allowed is the site's to say. */
const Target = z
  .string('is missing')
  .max(253, 'is longer than any name or path here')
  .regex(/^\/?[a-z0-9][a-z0-9._/-]*$/, 'is neither a service\'s name nor a path: a-z, 0-9, ".", "_", "-" and "/" only');

export default defineRunbook({
  id: 'add-export',
  words: ['add', 'export'],
  usage: '<service or path>',
  title: 'Export a directory of the NAS',
  codes: CODES,
  changes: true,
  params: z.strictObject({ target: Target }),
  fromWords: ([target, ...more]) => (more.length === 0 ? { target } : { target: [target, ...more].join(' ') }),
  gather,
  diagnose,
  plan,
  changed: (before: Facts, after: Facts) => exportChanges(before.nas.active, after.nas.active),
});

const OBSTACLES: readonly Code[] = [
  'wrong-network',
  'parent-missing',
  'dataset-not-mounted',
  'dataset-below',
  'pool-unfit',
  'share-has-missing-path',
];

function plan({ findings }: Diagnosis<Code>, facts: Facts): Plan {
  const obstacle = findings.find(({ code }) => OBSTACLES.includes(code));
  const missing = findings.find(({ code }) => code === 'not-exported');
  const unread = findings.find(({ code }) => code === 'export-not-loaded');
  if (obstacle !== undefined) return stop(`First: ${obstacle.remedy}`);
  if (missing === undefined && unread === undefined) return stop(facts.nas.active?.known && facts.isSure ? ALREADY : BLIND);
  return (unread && reloadPlan(unread, facts)) ?? (missing && exportPlan(missing, facts)) ?? stop(BLIND);
}

const ALREADY = 'It is exported already: nothing to do.';
const BLIND = 'Not everything that an export depends on could be seen: no plan is made from what is not known.';

function exportPlan(because: Finding, { site, path, nas, directories, listed, tester: node }: Facts): Plan | undefined {
  const { flavour, active, shares, pools, datasets, file, dropIns } = nas;
  const seen = [active, pools, datasets, file, directories, ...[dropIns, shares, listed].filter((each) => each !== undefined)];
  if (flavour === undefined || seen.some((each) => each?.known !== true)) return undefined;
  if (!active?.known || !datasets?.known || !file?.known || !directories.known || dropIns?.known === false) return undefined;
  const exists = directories.value[0]?.found !== undefined;
  const unused = nobodyUses(path, site);
  const tester = node && { node, server: site.nas.nfsAddresses[0] };
  const situation = { site, flavour, path, active, datasets, file, because, exists, unused, ...(tester && { tester }) };
  const exporting = exportSteps({ ...situation, ...(dropIns && { dropIns }), ...(shares?.known && { shares }) });
  if (exporting === undefined) return stop(NOT_OURS);
  const [first, ...more] = exporting;
  const warnings = [...(first.warnings ?? []), ...(exists ? [HOLDS_DATA] : []), ...(node === undefined ? [NO_TESTER] : [])];
  const warned: Step = { ...first, ...(warnings.length > 0 && { warnings }) };
  return exists ? steps(warned, ...more) : steps(directoryStep(situation), warned, ...more);
}

const HOLDS_DATA = 'The directory is there already: whatever lies in it can be read and written by the whole client network.';
const NO_TESTER = 'No node could be asked to mount it: that clients can is not part of the verification.';

const NOT_OURS =
  'A person must do this one: the exports in force differ from what the files or the middleware would make, a share with this path is switched off, two lines contradict each other, or the directory would be hidden under a new dataset.';

function reloadPlan(
  because: Finding,
  { site, path, nas: { flavour, active, file, dropIns, datasets } }: Facts,
): Plan | undefined {
  if (flavour === undefined || !active?.known || !file?.known || !datasets?.known || dropIns?.known === false) return undefined;
  const step = reloadStep({ site, flavour, path, because, active, file, datasets, ...(dropIns && { dropIns }) });
  return step === undefined ? stop(NOT_OURS) : steps(step);
}
