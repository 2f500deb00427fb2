import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { verdictOf } from '../../src/core/finding.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import { exportSteps } from '../../src/repairs/export.ts';
import { reloadStep } from '../../src/repairs/export-files.ts';
import { nobodyUses } from '../../src/topology/users.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

/** While one of these is there, a reload or a new export would cut somebody off, or be refused as a whole. */
const OBSTACLES: readonly Code[] = [
  'export-options-conflict',
  'export-not-in-file',
  'fsid-zero',
  'share-differs',
  'share-has-missing-path',
  'path-missing',
  'dataset-not-mounted',
  'mountpoint-not-empty',
];

/** A reload reads all lines at once; exports are added one by one, each after another look. Everything else is for people. */
export function plan(diagnosis: Diagnosis<Code>, facts: Facts): Plan {
  const { findings } = diagnosis;
  const obstacle = findings.find(({ code }) => OBSTACLES.includes(code));
  const unread = findings.find(({ code }) => code === 'export-not-loaded');
  // A volume that nothing can mount now gets no export: its data may have been taken off the network on purpose.
  const isLive = (path: string) => facts.users.some((user) => user.path === path && user.isLive);
  const missing = findings.find(({ code, subject }) => code === 'export-missing' && isLive(subject));
  if (obstacle !== undefined) return stop(`Before anything is changed: ${obstacle.remedy}`);
  const planned = (unread && reload(unread, facts)) ?? (missing && add(missing, facts)) ?? [];
  const [first, ...more] = planned;
  return first === undefined ? stop(WHY[verdictOf(diagnosis)]) : steps(first, ...more);
}

const WHY = {
  well: 'Everything that was looked at is well: nothing to do.',
  ill: 'There is no change that this bot may make for this: see the remedy of each finding.',
  blind: 'Not everything could be seen: no plan is made from what is not known.',
} as const;

function reload(
  because: Finding,
  { site, nas: { flavour, active, file, dropIns, datasets } }: Facts,
): readonly Step[] | undefined {
  if (flavour === undefined || !active?.known || !file?.known || !datasets?.known || dropIns?.known === false) return undefined;
  const path = because.subject;
  const step = reloadStep({ site, flavour, path, because, active, file, datasets, ...(dropIns && { dropIns }) });
  return step && [step];
}

function add(because: Finding, { site, nas }: Facts): readonly Step[] | undefined {
  const { flavour, active, shares, datasets, file, dropIns } = nas;
  if (flavour === undefined || !active?.known || !datasets?.known || !file?.known || dropIns?.known === false) return undefined;
  const path = because.subject;
  const situation = { site, flavour, path, active, datasets, file, because, exists: true, unused: nobodyUses(path, site) };
  return exportSteps({ ...situation, ...(dropIns && { dropIns }), ...(shares?.known && { shares }) });
}
