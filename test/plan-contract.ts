import { expect, it } from 'vitest';
import type { Command } from '../src/core/command.ts';
import { show } from '../src/core/command.ts';
import type { Hold, HoldKind } from '../src/core/hold.ts';
import { allHolds, showHold } from '../src/core/hold.ts';
import type { KubernetesRequest } from '../src/core/kubernetes.ts';
import type { Plan, Step } from '../src/core/plan.ts';
import { previewPlan, previewStep, stepsOf, wordToType } from '../src/core/plan.ts';
import type { Look } from '../src/core/runbook.ts';
import type { Site } from '../src/core/site.ts';
import { undoSteps } from '../src/core/undo.ts';

/** Remedies that suggest themselves and do harm; no plan may hold one, whatever was seen. */
const FORBIDDEN: readonly RegExp[] = [
  /\w*restart\b.*\b(nfs|nfsd|nfs-server|rpcbind)\b|\b(nfsd?|nfs-server)\b.*\b\w*restart\b/,
  /\bcall nfs\.update\b/, // the middleware restarts the server for it
  /umount\b.*(--force|-f\b|-a\b|--all)/,
  /zfs destroy (-|(?!\S*storagebot))/, // only what the bot itself made, which has its name
  /zfs rollback (-|[^/ ]+@)/, // -r destroys later snapshots; a pool's own dataset holds every service
  /zpool (clear|replace|destroy|offline|detach|import)/,
  /iscsiadm -m node (-u|--logout)$/,
  /chown\b.*(-R|--recursive)/,
  /lvremove (?!--yes \S+\/vm-\d+-[\w-]+_snap_\d{8}_\d{4}$)/m, // any other volume may be the only copy of what it holds
  /lvconvert|lvreduce/, // a pool is repaired while it is not active, by a person
  /qm destroy|qm set .*--delete/,
  /remount/,
  /-auto-approve|terra(form|grunt) apply (?!.*"\$2\.applying")/, // only a plan that was saved, and read
  /crictl|\bhelm\b/, // what they leave behind holds the ports of the next
  /ibdata|innodb_force_recovery|--all-databases|rebootCluster|restartedAt|\/innodbclusters\//, // data that are whole are lost, or the operator's cluster
  /delete .*persistentvolume(?!\S*storagebot)/i,
  /\brm\b.*pg_wal|pg_archivecleanup|pg_resetwal/, // PostgreSQL never starts again without the log that it needs
  /pg_ctl\b.*promote|pg_promote|cnpg promote/, // the operator alone says which server is the primary
  /pg_drop_replication_slot/, // its replica would have to be copied anew
  // Pods, claims and the superuser's secret go with it: only the object of a cluster that is lost, by its uid.
  /delete .*postgresql\.cnpg\.io(?!\/v1\/namespaces\/[^/\s]+\/clusters\/[^/\s]+ --filename=- <<< '\{"apiVersion":"v1","kind":"DeleteOptions","preconditions":\{"uid":"[^"]+"\}\}'$)/im,
];

/** After each of these a disk is another machine's, or another disk has its name. */
const MOVES_A_DISK = /delete .*\/volumeattachments\/|pvesh set \S+\/config --(delete )?scsi\d/;

/** What tells which disk it is, and that nobody has it mounted: what Kubernetes, the machine, its QEMU and the guest say. */
const VIEWS = ['get volumeattachments', '/config --current 1', 'info block', 'lsblk', '/dev/disk/by-id', '/proc/self/mountinfo'];

const DELETES_A_CLUSTER = /delete .*postgresql\.cnpg\.io/i;

/** What tells that nothing of a cluster is left but volumes that stay: its operator, its pods, claims and volumes. */
const VIEWS_OF_A_CLUSTER = ['get clusters.postgresql.cnpg.io', 'get pods', 'get persistentvolumeclaims', 'get persistentvolumes'];

/** What every plan promises, and the plan that takes it back. */
export function planContract(look: () => Promise<Look>, site: Site): void {
  it('plans no forbidden remedy, and each step has a precondition, a verification and an undo', async () => {
    for (const step of everyStep((await look()).plan)) {
      for (const remedy of FORBIDDEN) expect(changesOf(step).map(show).join('\n')).not.toMatch(remedy);
      expect(step.before.length).toBeGreaterThan(0);
      expect([...step.before, step.after].filter(({ says, line }) => says === '' || line === '')).toEqual([]);
      expect(step.after.withinMs).toBeGreaterThanOrEqual(5_000);
      expect(step.because.seen.every(({ known }) => known)).toBe(true);
      expect(step.undo).not.toEqual({ none: '' });
    }
  });

  it('moves no disk without another look at every view of it', async () => {
    for (const { title, change, before } of everyStep((await look()).plan).filter((step) =>
      MOVES_A_DISK.test(show(step.change.command)),
    )) {
      const asked = before.map(({ line }) => line).join('\n');
      expect({ title, change: show(change.command), unseen: VIEWS.filter((view) => !asked.includes(view)) }).toMatchObject({
        unseen: [],
      });
    }
  });

  it('deletes no database cluster but one that is lost, after another look at all of it, and verifies that its volumes stay', async () => {
    for (const { because, change, before, after } of everyStep((await look()).plan).filter((step) =>
      DELETES_A_CLUSTER.test(show(step.change.command)),
    )) {
      const asked = before.map(({ line }) => line).join('\n');
      const unseen = VIEWS_OF_A_CLUSTER.filter((view) => !asked.includes(view));
      expect({ code: because.code, risk: change.risk, unseen }).toEqual({
        code: 'cluster-lost',
        risk: 'destructive',
        unseen: [],
      });
      expect(after.line).toContain('get persistentvolumes');
    }
  });

  it('holds what each step depends on: something that it changes, the target of each command, nothing twice', async () => {
    for (const step of everyStep((await look()).plan)) {
      const { holds, title } = step;
      expect(holds.filter(({ how }) => how === 'changes')).not.toEqual([]);
      expect(wordToType(step)).not.toBe('');
      expect(holds.filter(({ name }) => name.trim() === '' || /undefined|null/.test(name))).toEqual([]);
      expect(holds).toHaveLength(allHolds(holds).length);
      for (const target of changesOf(step).map((command) => targetOf(command, site)))
        expect({ title, target, held: holds.some((hold) => matches(hold, target)) }).toEqual({ title, target, held: true });
    }
  });

  it('shows every hold to who approves, and what a destructive step costs', async () => {
    for (const step of everyStep((await look()).plan)) {
      const lines = previewStep(step).split('\n');
      expect(lines).toEqual(expect.arrayContaining(step.holds.map((hold) => `  holds    ${showHold(hold)}`)));
      expect({ risk: step.change.risk, warned: (step.warnings ?? []).length > 0 }).not.toEqual({
        risk: 'destructive',
        warned: false,
      });
    }
  });

  it('plans the same from the same recording, but for the names of its work', async () => {
    const [first, second] = [await look(), await look()];
    expect(previewPlan(second.plan)).toBe(previewPlan(first.plan));
    const other = first.planAs('storagebot-other-1');
    expect(previewPlan(other).replaceAll('storagebot-other-1', 'storagebot')).toBe(previewPlan(first.plan));
    const works = stepsOf(other).flatMap(({ work }) => (work === undefined ? [] : [work.name]));
    // A Job has its namespace in front.
    expect(works.filter((name) => !/^([^/]+\/)?storagebot-other-1-/.test(name))).toEqual([]);
  });
}

/** The steps of the plan, and those that would take them back. */
function everyStep(plan: Plan): readonly Step[] {
  return [...stepsOf(plan), ...undoSteps(stepsOf(plan))];
}

/** Everything that is sent under the approval of this step. */
function changesOf({ change, work }: Step): readonly Command[] {
  return [change.command, ...(work === undefined ? [] : [work.stop.command])];
}

/** The kinds of holds of which one must be there for the target of a command; under one of these names, where the command tells. */
interface Target {
  readonly kinds: readonly HoldKind[];
  readonly names?: readonly string[];
}

/** What a command cannot be sent to unless it is held. */
function targetOf(command: Command, { nas, hypervisor, terraform }: Site): Target {
  if (command.via === 'kubernetes') return targetOfRequest(command.request);
  if (command.via === 'proxmox') return { kinds: ['vm', 'lv'], names: command.request.path.split('/') };
  if (command.via === 'prometheus') throw new Error('Prometheus can only be asked');
  if (command.via === 'alertmanager') return { kinds: ['alert'] };
  if (command.host === terraform?.host.name) return { kinds: ['driver', 'database-server'] };
  if (command.host === nas.host.name) return { kinds: ['nas'], names: [nas.host.name] };
  // The unit to stop is named after the run; what it works on is in the line that started it.
  const stopsWork = command.argv.includes('systemctl') && command.argv.at(-1)?.startsWith('storagebot-') === true;
  if (command.host === hypervisor?.host.name && stopsWork) return { kinds: ['vm', 'lv', 'pool'] };
  if (command.host === hypervisor?.host.name)
    return {
      kinds: ['vm', 'lv', 'pool'],
      names: command.argv.flatMap((word) => [word, word.replace(/^.*\/(?=[^/]+\/[^/]+$)/, '')]),
    };
  return { kinds: ['node'], names: [command.host] };
}

function targetOfRequest(request: KubernetesRequest): Target {
  if (request.verb === 'list' || request.verb === 'logs') return { kinds: ['workload', 'node'] };
  const { resource, name, namespace } = request;
  switch (resource.plural) {
    case 'nodes':
      return { kinds: ['node'], names: [name] };
    case 'persistentvolumes':
      return { kinds: ['pv'], names: [name] };
    case 'volumeattachments':
      return { kinds: ['pv'] };
    case 'persistentvolumeclaims':
      return { kinds: ['pvc'], names: [`${namespace}/${name}`] };
    case 'clusters':
      return { kinds: ['database-server'], names: [`${namespace}/${name}`] };
    // What its pod works on.
    case 'jobs':
      return { kinds: ['workload', 'node', 'pvc', 'database'] };
    default:
      return { kinds: ['workload', 'node'] };
  }
}

function matches({ kind, name }: Hold, target: Target): boolean {
  return target.kinds.includes(kind) && (target.names?.includes(name) ?? true);
}
