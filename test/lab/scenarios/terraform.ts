import { PLAN_SCRIPT, planName } from '../../../src/commands/terraform.ts';
import { execute, machineNamed } from '../site/run.ts';
import { CHECKOUT, PLANS } from '../site/workstation.ts';
import type { World } from '../site/world.ts';
import { fallIll, nfsKilled, setLimits } from './csi-changes.ts';
import type { Scenario } from './scenario.ts';

const row = (name: string, says: string, prepare: Scenario['prepare']): Scenario => ({ name, says, prepare });

const NFS_STACK = 'stacks/nfs-csi';

/** The commit gives the NFS driver more memory, and nobody has applied it yet. */
function raiseLimit(world: World): void {
  fallIll(world, nfsKilled(world));
  world.workstation.pending.push({
    stack: NFS_STACK,
    resource: 'helm_release.csi_driver_nfs',
    does: 'updated in-place',
    apply: (now) => {
      now.cluster.ailments.length = 0;
      setLimits(now, 'csi-nfs-node', { nfs: '256Mi' }, { replace: true });
    },
  });
}

/** Somebody has planned, so long ago. */
function planned(world: World, agoMs: number): void {
  const { workstation, time } = world;
  const [machine, call] = [
    machineNamed(world, workstation.name),
    ['sh', '-c', PLAN_SCRIPT, 'terragrunt', `${CHECKOUT}/${NFS_STACK}`, PLANS],
  ];
  if (machine === undefined) throw new Error('the lab has a workstation');
  const { commit } = workstation;
  execute(world, machine, { argv: [...call, planName({ stack: NFS_STACK }, commit), commit] });
  for (const [path, file] of workstation.plans) workstation.plans.set(path, { ...file, madeMs: time.nowMs - agoMs });
}

function renamePlan({ workstation }: World, kind: string): void {
  for (const [path, file] of workstation.plans) {
    if (!path.endsWith('.tfplan')) continue;
    workstation.plans.delete(path);
    workstation.plans.set(path.replace(/tfplan$/, kind), file);
  }
}

const MINUTE_MS = 60_000;

/** What is between a commit and what runs. */
export const terraformScenarios: readonly Scenario[] = [
  row('limit-raised', 'The commit raises the limit that kills the NFS driver, and nobody has planned or applied it.', raiseLimit),
  row('plan-waits', 'The raised limit was planned ten minutes ago.', (world) => {
    raiseLimit(world);
    planned(world, 10 * MINUTE_MS);
  }),
  row('plan-old', 'The raised limit was planned two hours ago.', (world) => {
    raiseLimit(world);
    planned(world, 120 * MINUTE_MS);
  }),
  row('plan-destroys', 'The plan would destroy a StorageClass.', (world) => {
    world.workstation.pending.push({
      stack: NFS_STACK,
      resource: 'kubernetes_storage_class.nfs',
      does: 'destroyed',
      apply: () => undefined,
    });
    planned(world, 10 * MINUTE_MS);
  }),
  row('plan-empty', 'The stack was planned a minute ago, and is as its commit has it.', (world) => planned(world, MINUTE_MS)),
  row('plan-applied', 'The plan was applied twenty minutes ago.', (world) => {
    planned(world, 20 * MINUTE_MS);
    renamePlan(world, 'applied');
  }),
  row('plan-half-applied', 'An application of the plan began half an hour ago and did not end.', (world) => {
    raiseLimit(world);
    planned(world, 30 * MINUTE_MS);
    renamePlan(world, 'applying');
  }),
  row('stack-edited', 'Somebody edited the stack and did not commit it.', (world) => {
    raiseLimit(world);
    world.workstation.changed.push(`${NFS_STACK}/main.tf`);
  }),
  row('stack-shares-edited', 'Somebody edited a file that every stack includes, and did not commit it.', ({ workstation }) => {
    workstation.changed.push('terragrunt.hcl');
  }),
  row('commit-behind', 'The commit raises the limit, and is three commits behind its upstream.', (world) => {
    raiseLimit(world);
    world.workstation.behind = 3;
    planned(world, 10 * MINUTE_MS);
  }),
  row(
    'apply-of-another-commit',
    'An application of the plan of another commit began half an hour ago and did not end.',
    (world) => {
      const { workstation } = world;
      const { commit } = workstation;
      workstation.commit = '4'.repeat(40);
      planned(world, 30 * MINUTE_MS);
      renamePlan(world, 'applying');
      workstation.commit = commit;
    },
  ),
  row('blind-workstation', 'The host that plans does not answer.', ({ workstation }) => {
    workstation.sshAnswers = false;
  }),
];
