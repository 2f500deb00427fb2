import { BLOCK_DRIVER } from '../commands/block-attachments.ts';
import type { Finding } from '../core/finding.ts';
import type { Foundation } from '../core/foundation.ts';
import type { Site } from '../core/site.ts';
import { csiDrivers } from '../topology/csi-drivers.ts';
import type { Engine } from '../topology/foundation-names.ts';
import { databaseServers, hypervisorOf, NFS_DRIVER, nasOf, networkOf, poolOf, sorted } from '../topology/foundation-names.ts';
import { ISCSI_DRIVER } from '../topology/iscsi-look.ts';
import { type Proves, provedBy } from './cause-table.ts';
import { valueIn } from './labels.ts';

type Found = Pick<Finding, 'code' | 'subject'>;

/** What many stand on and a diagnosis found ill, lowest first; `runbook` is its id. What is about single volumes alone is not in it. */
export function causeOfFindings(runbook: string, findings: readonly Found[], site: Site): readonly Foundation[] {
  const looked = { runbook, findings, site };
  return sorted(findings.flatMap((finding) => foundationsOf(provedBy(runbook, finding.code), finding, looked)));
}

interface Looked {
  readonly runbook: string;
  readonly findings: readonly Found[];
  readonly site: Site;
}

function foundationsOf(proves: Proves, { code, subject }: Found, looked: Looked): readonly Foundation[] {
  const { site, runbook } = looked;
  switch (proves) {
    case 'own':
      return [];
    case 'thin-pool':
      return hypervisorOf(site);
    case 'network':
      return [networkOf(site)];
    case 'pool':
      return [{ kind: 'pool', name: subject }];
    case 'pool-of-dataset':
      return [{ kind: 'pool', name: subject.split('/', 1)[0] ?? subject }];
    case 'pool-of-root':
      return site.nas.roots.includes(subject) ? poolOf(subject, site) : [];
    case 'nas':
      return [nasOf(site)];
    case 'nas-if-subject':
      return isNas(subject, site) ? [nasOf(site)] : [];
    case 'driver':
      return driverIn(subject, looked);
    case 'driver-of-nodes':
      return nodesWith(code, looked).size > 1 ? driverIn(subject, looked) : nodeIn(subject);
    case 'driver-of-pods':
      return podsWith(code, looked).size > 1 ? driverIn(subject, looked) : [];
    case 'node':
      return nodeIn(subject);
    case 'machine':
      return machineIn(subject, site);
    case 'database-server':
      return databaseServers(site)[engineOf(runbook)];
    case 'backups':
      return backupsIn(subject, site);
  }
}

function isNas(subject: string, { nas }: Site): boolean {
  return subject === nas.host.name || nas.nfsAddresses.includes(subject);
}

/** `node`, `driver on node`; what waits for a node says so instead. */
function nodeIn(subject: string): readonly Foundation[] {
  const name = subject.replace(/^.* on /, '');
  return name === 'no node' ? [] : [{ kind: 'node', name }];
}

function nodesWith(code: string, { findings }: Looked): ReadonlySet<string> {
  const nodes = findings.filter((each) => each.code === code).flatMap(({ subject }) => nodeIn(subject));
  return new Set(nodes.map(({ name }) => name));
}

/** `pod/container` */
function podsWith(code: string, { findings }: Looked): ReadonlySet<string> {
  return new Set(findings.filter((each) => each.code === code).map(({ subject }) => subject.replace(/\/.*$/, '')));
}

const DRIVERS: Readonly<Record<string, string>> = {
  'diagnose-nfs': NFS_DRIVER,
  triage: NFS_DRIVER,
  'diagnose-block': BLOCK_DRIVER,
  'diagnose-iscsi': ISCSI_DRIVER,
};

/** By its own name, its namespace, or what its pods are called after. */
function driverIn(subject: string, { runbook, site }: Looked): readonly Foundation[] {
  const known = csiDrivers(site).find(
    ({ name, namespace, daemonSet, controller }) =>
      subject === name ||
      subject.startsWith(`${name} on `) ||
      [namespace, daemonSet, controller].some(
        (each) => subject === each || subject.startsWith(`${each}/`) || subject.startsWith(`${each}-`),
      ),
  );
  const name = known?.name ?? DRIVERS[runbook];
  return name === undefined ? [] : [{ kind: 'driver', name }];
}

/** `203` or `203 k8s-node3` */
function machineIn(subject: string, { hypervisor, nas }: Site): readonly Foundation[] {
  const vmid = Number(subject.split(' ', 1)[0]);
  if (hypervisor?.nasVmid === vmid) return [{ kind: 'nas', name: nas.host.name }];
  return Object.entries(hypervisor?.nodeVmids ?? {})
    .filter(([, each]) => each === vmid)
    .map(([name]) => ({ kind: 'node', name }));
}

function engineOf(runbook: string): Engine {
  return runbook === 'diagnose-mysql' ? 'mysql' : runbook === 'diagnose-redis' ? 'redis' : 'postgres';
}

/** The subject begins with the word of the job. */
function backupsIn(subject: string, { backups = {} }: Site): readonly Foundation[] {
  const job = valueIn(backups, subject.split('/', 1)[0] ?? subject);
  return job === undefined ? [] : [{ kind: 'backups', name: job.path }];
}
