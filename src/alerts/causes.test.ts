import { describe, expect, test } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { CLASSIFIED } from './cause-table.ts';
import { causeOfFindings } from './causes.ts';
import { SITE } from './fixtures/outage.ts';

/** Those that an incident can start: they begin by looking. */
const looking = runbooks.filter(({ words: [first] }) => ['diagnose', 'triage', 'check'].includes(first));

describe('what a finding proves', () => {
  test.each(looking.map(({ id, codes }) => [id, codes] as const))(
    'is said once for every code of %s, and for no other',
    (id, codes) => {
      const said = CLASSIFIED.filter(([runbook]) => runbook === id).map(([, code]) => code);
      expect(said.toSorted()).toEqual(Object.keys(codes).toSorted());
    },
  );

  test('is said of runbooks that look, and of all of them', () => {
    const said = new Set(CLASSIFIED.map(([runbook]) => runbook));
    expect([...said].toSorted()).toEqual(looking.map(({ id }) => id).toSorted());
  });
});

function causes(runbook: string, ...findings: readonly (readonly [code: string, subject: string])[]): readonly string[] {
  const found = causeOfFindings(
    runbook,
    findings.map(([code, subject]) => ({ code, subject })),
    SITE,
  );
  return found.map(({ kind, name }) => `${kind} ${name}`);
}

const NFS = 'driver nfs.csi.k8s.io';

describe('the cause of findings', () => {
  test.each([
    ['diagnose-nfs', 'nas-vm-down', 'nas', 'nas nas'],
    ['diagnose-nfs', 'network-path-down', '10.0.10.15', 'network nas'],
    ['diagnose-nfs', 'node-cut-off', 'node3', 'node node3'],
    ['diagnose-nfs', 'export-missing', 'nas', 'nas nas'],
    ['diagnose-nfs', 'driver-not-registered', 'node2', 'node node2'],
    ['diagnose-slow-nfs', 'machine-stalled', '203 node3', 'node node3'],
    ['diagnose-zfs', 'pool-suspended', 'main', 'pool main'],
    ['diagnose-capacity', 'thin-data-full', 'pve/data', 'hypervisor pve'],
    ['diagnose-nfs', 'path-missing', '/mnt/main', 'pool main'],
    ['diagnose-block', 'slot-cap', 'node4', 'node node4'],
    ['diagnose-block', 'token-refused', 'csi.proxmox.sinextra.dev', 'driver csi.proxmox.sinextra.dev'],
    ['diagnose-node', 'machine-off', 'node1', 'node node1'],
    ['diagnose-csi', 'driver-stalled', 'nfs.csi.k8s.io on node2', 'node node2'],
    ['diagnose-iscsi', 'pool-full', 'main/iscsi/csi-1', 'pool main'],
    ['diagnose-iscsi', 'portal-down', '10.0.10.15:3260', 'driver org.democratic-csi.iscsi'],
    ['diagnose-capacity', 'machine-stopped', '9000', 'nas nas'],
    ['diagnose-backups', 'stale', 'mysql', 'backups /mnt/main/mysql-backup'],
    ['diagnose-backups', 'schema-only', 'mysql/codimd', 'backups /mnt/main/mysql-backup'],
    ['diagnose-mysql', 'quorum-lost', 'dbaas/mysql-cluster', 'database-server dbaas/mysql-cluster'],
    ['triage', 'nfs-silent', '10.0.10.15', 'nas nas'],
    ['triage', 'node-down', 'node2', 'node node2'],
  ])('of %s, %s of %s is %s', (runbook, code, subject, wanted) => {
    expect(causes(runbook, [code, subject])).toEqual([wanted]);
  });

  test.each([
    ['diagnose-nfs', 'export-missing', '/mnt/main/immich'],
    ['diagnose-nfs', 'path-missing', '/mnt/main/immich'],
    ['diagnose-nfs', 'stale-handle', 'immich/web'],
    ['diagnose-nfs', 'server-overloaded', 'nas'],
    ['diagnose-slow-nfs', 'scrub-running', 'main'],
    ['diagnose-slow-nfs', 'job-floods', 'app1/copy'],
    ['diagnose-slow-nfs', 'server-drowning', 'nas'],
    ['diagnose-slow-nfs', 'network-loss', '10.0.10.15'],
    ['diagnose-zfs', 'capacity-critical', 'main'],
    ['diagnose-zfs', 'device-errors', 'main'],
    ['diagnose-zfs', 'pool-not-whole', 'main'],
    ['diagnose-zfs', 'disk-errors', 'sdc'],
    ['diagnose-zfs', 'all-devices-grow', 'main'],
    ['diagnose-zfs', 'thin-pool-exhausted', 'pve/data'],
    ['diagnose-csi', 'controller-down', 'nfs.csi.k8s.io'],
    ['diagnose-csi', 'memory-limit-low', 'csi-nfs-node/nfs'],
    ['diagnose-csi', 'container-ending', 'csi-nfs-node-x2k4p/nfs'],
    ['diagnose-csi', 'pods-refused', 'nfs-csi/csi-nfs-node'],
    ['diagnose-iscsi', 'controller-down', 'org.democratic-csi.iscsi'],
    ['diagnose-capacity', 'server-full', 'nas'],
    ['diagnose-backups', 'offsite-stale', 'main'],
    ['diagnose-backups', 'stale', 'elsewhere'],
    ['diagnose-mysql', 'disk-full', 'mysql-cluster-1'],
    ['diagnose-mysql', 'connections-full', 'mysql-cluster-0'],
    ['diagnose-postgres', 'node-down', 'dbaas/pg-cluster-1'],
    ['diagnose-redis', 'memory-full', 'redis-node-0'],
    ['triage', 'nfs-driver', 'no node'],
    ['triage', 'no-free-slot', 'no node'],
    ['triage', 'nfs-path', '10.0.10.15'],
    ['diagnose-zfs', 'new-errors', 'main'],
    ['diagnose-block', 'stale-attachment', 'dbaas/data'],
    ['triage', 'nfs-silent', 'node2'],
    ['triage', 'nfs-silent', '192.168.1.13'],
    ['diagnose-postgres', 'no-primary', 'dbaas/pg-cluster'],
    ['diagnose-nfs', 'constructor', 'nas'],
    ['constructor', 'constructor', 'nas'],
  ])('of %s, %s of %s is nothing that others share', (runbook, code, subject) => {
    expect(causes(runbook, [code, subject])).toEqual([]);
  });

  test('is the driver where it is not registered on several nodes', () => {
    const on = (node: string) => ['driver-not-registered', node] as const;
    expect(causes('diagnose-nfs', on('node1'), on('node2'))).toEqual([NFS]);
    expect(causes('diagnose-csi', on('nfs.csi.k8s.io on node1'), on('nfs.csi.k8s.io on node2'))).toEqual([NFS]);
    expect(causes('triage', ['nfs-driver', 'node1'], ['nfs-driver', 'no node'])).toEqual(['node node1']);
  });

  test('is the driver where several of its pods end', () => {
    const ending = (pod: string) => ['container-ending', `${pod}/nfs`] as const;
    expect(causes('diagnose-csi', ending('csi-nfs-node-a'), ending('csi-nfs-node-a'))).toEqual([]);
    expect(causes('diagnose-csi', ending('csi-nfs-node-a'), ending('csi-nfs-node-b'))).toEqual([NFS]);
  });

  test('comes lowest first, each once', () => {
    const found = causes('diagnose-nfs', ['node-cut-off', 'node2'], ['nfsd-stopped', 'nas'], ['mountd-down', 'nas']);
    expect(found).toEqual(['nas nas', 'node node2']);
  });
});
