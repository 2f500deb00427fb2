import { describe, expect, test } from 'vitest';
import { NO_FOUNDATIONS } from '../topology/foundations.ts';
import { INDEX, podOf, SITE, WITH_DATABASES } from './fixtures/outage.ts';
import { standingOf } from './standing.ts';

type Labels = Readonly<Record<string, string>>;

const WEB = podOf({ name: 'web' });

function standing(name: string, labels: Labels = {}, index = INDEX, site = SITE) {
  const { kind, names, standsOn, subject, part } = standingOf({ name, labels }, index, site);
  const words = (each: { readonly kind: string; readonly name: string }) => `${each.kind} ${each.name}`;
  return { kind, names: names.map(words), on: standsOn.map(words), subject: words(subject), ...(part && { part }) };
}

const UNDER_APP = [
  'hypervisor pve',
  'network nas',
  'pool main',
  'nas nas',
  'driver nfs.csi.k8s.io',
  'node node2',
  'claim app1/data',
];

describe('the subject of an alert', () => {
  test.each<readonly [string, Labels, string]>([
    ['PodCrashLooping', { namespace: 'app1', pod: WEB }, 'workload app1/web'],
    ['PodCrashLooping', { namespace: 'app1', pod: 'web-66c5b9f7d4-new01' }, 'workload app1/web'],
    ['PodCrashLooping', { namespace: 'dbaas', pod: 'mysql-cluster-2' }, 'workload dbaas/mysql-cluster'],
    ['PodCrashLooping', { namespace: 'gone', pod: 'gone-1' }, 'namespace gone'],
    ['DeploymentReplicasMismatch', { namespace: 'app1', deployment: 'web' }, 'workload app1/web'],
    ['BackupCronJobFailed', { namespace: 'app1', job_name: 'web-29381760' }, 'workload app1/web'],
    ['PVFillingUp', { namespace: 'app1', persistentvolumeclaim: 'data' }, 'claim app1/data'],
    ['NodeHighIOWait', { instance: '10.0.20.103:9100' }, 'node node3'],
    ['NodeHighIOWait', { instance: 'node3', namespace: 'monitoring', pod: 'node-exporter-x' }, 'node node3'],
    ['NodeDown', { node: 'node1' }, 'node node1'],
    ['Strange', { instance: '10.0.10.15:9100' }, 'nas nas'],
    ['Strange', { instance: 'pve:9100' }, 'hypervisor pve'],
    ['Strange', { instance: 'printer' }, 'alert Strange printer'],
    ['Strange', {}, 'alert Strange'],
    ['Strange', { namespace: 'plain' }, 'namespace plain'],
    ['MySQLDown', {}, 'database-server dbaas/mysql-cluster'],
    ['MySQLBackupStale', {}, 'backups /mnt/main/mysql-backup'],
    ['MySQLBackupStale', { namespace: 'other', cronjob: 'other' }, 'backups all'],
    ['NFSCSIControllerDown', {}, 'workload nfs-csi/csi-nfs-controller'],
    ['ContainerOOMKilled', { namespace: 'nfs-csi', pod: 'csi-nfs-controller-5d4f8c7b9-x' }, 'namespace nfs-csi'],
    ['NFSCSINodeDown', {}, 'driver nfs.csi.k8s.io'],
    ['CSIDriverCrashLoop', { namespace: 'nfs-csi', pod: 'csi-nfs-node-x2k4p' }, 'driver nfs.csi.k8s.io'],
    ['PodsStuckContainerCreating', { namespace: 'app1', pod: WEB }, 'workload app1/web'],
  ])('%s %j is %s', (name, labels, subject) => {
    expect(standing(name, labels).subject).toBe(subject);
  });

  test('is of the series and not of what it was scraped from', () => {
    const labels = { namespace: 'monitoring', pod: 'kube-state-metrics-0', exported_namespace: 'app1', exported_pod: WEB };
    expect(standing('PodCrashLooping', labels).subject).toBe('workload app1/web');
  });

  test('is not the node of kube-state-metrics', () => {
    const stuck = standing('PodsStuckContainerCreating', { node: 'node2' });
    expect(stuck.subject).toBe('alert PodsStuckContainerCreating');
    expect(stuck.on).toEqual(expect.arrayContaining(['nas nas', 'node node1', 'node node2', 'driver csi.proxmox.sinextra.dev']));
    expect(standing('Strange', { namespace: 'app1', node: 'node2' }).subject).toBe('namespace app1');
  });

  test('is in no property that every object has', () => {
    expect(standing('constructor', { namespace: '__proto__', pod: 'constructor' })).toEqual({
      kind: 'unavailable',
      names: [],
      on: ['namespace __proto__'],
      subject: 'namespace __proto__',
    });
  });
});

describe('an alert stands on', () => {
  test('all that its pod does, from the bottom', () => {
    expect(standing('PodCrashLooping', { namespace: 'app1', pod: WEB }).on).toEqual([...UNDER_APP, 'workload app1/web']);
  });

  test('a database server that its workload uses, and what is under that, but not on the node that it can leave', () => {
    const { on } = standing('PodCrashLooping', { namespace: 'hackmd', pod: podOf({ name: 'hackmd' }) });
    expect(on).toEqual(
      expect.arrayContaining(['driver csi.proxmox.sinextra.dev', 'database-server dbaas/mysql-cluster', 'node node1']),
    );
    expect(on).not.toContain('node node4');
  });

  test('its subject alone where it says nothing of what is under that', () => {
    expect(standing('PVFillingUp', { namespace: 'app1', persistentvolumeclaim: 'data' })).toMatchObject({
      kind: 'own',
      on: ['claim app1/data'],
    });
  });

  test('the NAS with the node, whose programs hang with the shares', () => {
    expect(standing('NodeHighIOWait', { instance: '10.0.20.101:9100' }).on).toEqual(
      expect.arrayContaining(['nas nas', 'node node1']),
    );
  });

  test('what its name tells while the cluster was never seen', () => {
    expect(standing('NFSServerUnresponsive', {}, NO_FOUNDATIONS)).toMatchObject({ names: ['nas nas'], subject: 'nas nas' });
    expect(standing('CSIDriverCrashLoop', { namespace: 'nfs-csi', pod: 'csi-nfs-node-x' }, NO_FOUNDATIONS)).toMatchObject({
      names: [],
      part: 'csi-nfs-node-x',
      on: ['hypervisor pve', 'network nas', 'nas nas', 'driver nfs.csi.k8s.io'],
    });
  });

  test('no more than its pod where it says which pod: any other pod that is stuck may have another cause', () => {
    const labels = { namespace: 'disk1', pod: podOf({ name: 'db' }) };
    expect(standing('PodsStuckContainerCreating', labels).on).toEqual(standing('PodCrashLooping', labels).on);
    expect(standing('PodsStuckContainerCreating', { namespace: 'gone' }).on).toEqual(['namespace gone']);
  });

  test('the node of its pod, also where it is about the whole that the pod is of', () => {
    const ofDriver = [{ kind: 'node', name: 'node3' } as const, { kind: 'workload', name: 'nfs-csi/csi-nfs-node' } as const];
    const labels = { namespace: 'nfs-csi', pod: 'csi-nfs-node-x' };
    const pods = { ...INDEX.pods, 'nfs-csi/csi-nfs-node-x': ofDriver };
    const crash = standing('CSIDriverCrashLoop', labels, { ...INDEX, pods });
    expect(crash).toMatchObject({ names: [], part: 'node3', on: expect.arrayContaining(['node node3', 'nas nas']) });
    const on = [{ kind: 'node', name: 'node4' } as const, { kind: 'workload', name: 'dbaas/pg-cluster' } as const];
    const index = { ...INDEX, pods: { ...INDEX.pods, 'dbaas/pg-cluster-1': on } };
    expect(standing('PostgreSQLDown', { namespace: 'dbaas', pod: 'pg-cluster-1' }, index, WITH_DATABASES)).toMatchObject({
      names: ['database-server dbaas/pg-cluster'],
      on: ['node node4', 'database-server dbaas/pg-cluster'],
    });
  });

  test('no node of the other pods of a database server, which may be down where it is not', () => {
    const node = (name: string) => ({ kind: 'node', name }) as const;
    const server = { kind: 'workload', name: 'dbaas/pg-cluster' } as const;
    const pods = { ...INDEX.pods, 'dbaas/pg-cluster-1': [node('node1'), server] };
    const workloads = { ...INDEX.workloads, 'dbaas/pg-cluster': [node('node1'), node('node3'), server] };
    const index = { ...INDEX, pods, workloads };
    const { on } = standing('PostgreSQLDown', { namespace: 'dbaas', pod: 'pg-cluster-1' }, index, WITH_DATABASES);
    expect(on).toEqual(['node node1', 'database-server dbaas/pg-cluster', 'workload dbaas/pg-cluster']);
    expect(standing('PostgreSQLDown', {}, index, WITH_DATABASES).on).toEqual(
      expect.arrayContaining(['node node1', 'node node3']),
    );
  });

  test.each(['NFSCSIControllerDown', 'ISCSICSIControllerDown', 'ProxmoxCSIControllerDown', 'NFSCSINodeDown'])(
    'what its driver stands on, and %s does not say that the driver is ill everywhere',
    (name) => {
      expect(standing(name)).toMatchObject({ names: [], on: expect.arrayContaining([expect.stringMatching(/^driver /)]) });
    },
  );
});
