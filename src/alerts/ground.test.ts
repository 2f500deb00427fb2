import { describe, expect, test } from 'vitest';
import type { Finding } from '../core/finding.ts';
import type { Foundation } from '../core/foundation.ts';
import { changes, type Hold, uses } from '../core/hold.ts';
import { INDEX, SITE } from './fixtures/outage.ts';
import { groundOf, isGroundKnown, mends } from './ground.ts';

const around = { site: SITE, index: INDEX };
const NAS = { kind: 'nas', name: 'nas' } as const;
const MAIN = { kind: 'pool', name: 'main' } as const;
const PVE = { kind: 'hypervisor', name: 'pve' } as const;
const NODE = { kind: 'node', name: 'node1' } as const;
const DRIVER = { kind: 'driver', name: 'nfs.csi.k8s.io' } as const;
const MYSQL = { kind: 'database-server', name: 'dbaas/mysql-cluster' } as const;

function found(code: string, subject = 'a subject'): Finding {
  return { code, subject, says: 'It is so.', remedy: 'Do something.', seen: [] as never };
}

function words(all: readonly Foundation[]): readonly string[] {
  return all.map(({ kind, name }) => `${kind} ${name}`);
}

describe('under a step lies what lies under whatever it uses or changes', () => {
  test.each<readonly [Hold, readonly Foundation[]]>([
    [changes('dataset', 'main/app1'), [PVE, NAS, MAIN]],
    [changes('export', '/mnt/main/app1'), [PVE, NAS, MAIN]],
    [changes('target', 'iqn.2005-10.org.example:csi-1'), [PVE, NAS]],
    [uses('pv', 'pv-app1'), [PVE, NAS, MAIN, DRIVER]],
    [uses('pvc', 'app1/data'), [PVE, NAS, MAIN, DRIVER]],
    [changes('workload', 'app0/web'), [PVE, NAS, MAIN, DRIVER, NODE]],
    [changes('node', 'node1'), [PVE, NAS, MAIN, NODE]],
    [changes('vm', '201'), [PVE, NAS, NODE]],
    [changes('vm', '9000'), [PVE, NAS]],
    [changes('lv', 'pve/vm-9999-pvc-disk0'), [PVE]],
    [changes('driver', 'nfs.csi.k8s.io'), [PVE, NAS, DRIVER]],
    [changes('database', 'dbaas/mysql-cluster/codimd'), [PVE, MYSQL]],
    [changes('backups', '/mnt/main/mysql-backup'), [PVE, NAS, MAIN]],
  ])('%j', (hold, wanted) => {
    expect(words(groundOf({ because: found('x'), holds: [hold] } as never, around))).toEqual(
      expect.arrayContaining([...words(wanted)]),
    );
  });

  test('a volume of a disk does not stand on the NAS, and the NAS not on its pools or the path to it', () => {
    const of = (hold: Hold) => words(groundOf({ because: found('x'), holds: [hold] } as never, around));
    expect(of(changes('pv', 'pv-disk0'))).not.toContain('nas nas');
    expect(of(changes('nas', 'nas'))).toEqual(['hypervisor pve', 'nas nas']);
    expect(of(changes('pvc', 'nobody/knows'))).toEqual([]);
    expect(of(changes('alert', 'NodeDown'))).toEqual([]);
  });

  test('a node that is only looked from does not bring what its programs mount', () => {
    const step = { because: found('nas-vm-down'), holds: [changes('vm', '9000'), uses('node', 'node1')] as const };
    expect(words(groundOf(step, around))).toEqual(['hypervisor pve', 'nas nas', 'node node1']);
  });

  test('a workload that runs on many nodes stands on the one that the step is about, and on all where it names none', () => {
    const on = ['node1', 'node2', 'node3'].map((name) => ({ kind: 'node', name }) as const);
    const spread = { site: SITE, index: { ...INDEX, workloads: { ...INDEX.workloads, 'nfs-csi/csi-nfs-node': [PVE, ...on] } } };
    const of = (...holds: [Hold, ...Hold[]]) => words(groundOf({ because: found('port-forgotten'), holds }, spread));
    const pods = changes('workload', 'nfs-csi/csi-nfs-node');
    expect(of(pods, uses('node', 'node1'))).toEqual(['hypervisor pve', 'node node1']);
    expect(of(pods)).toEqual(['hypervisor pve', 'node node1', 'node node2', 'node node3']);
  });

  test('is known of what was there when the cluster was last seen', () => {
    const known = (...holds: [Hold, ...Hold[]]) => isGroundKnown({ because: found('x'), holds }, around);
    expect(known(changes('pvc', 'app1/data'), uses('pv', 'pv-app1'), changes('workload', 'app1/web'), uses('nas', 'nas'))).toBe(
      true,
    );
    expect([
      known(changes('pvc', 'app1/new')),
      known(uses('pv', 'pv-new')),
      known(changes('workload', 'app1/new')),
    ]).not.toContain(true);
  });
});

describe('a step mends what is ill', () => {
  const step = (runbook: string, because: Finding, first: Hold, ...more: Hold[]) => ({
    runbook,
    step: { because, holds: [first, ...more] as const },
  });
  const restart = step(
    'diagnose-nfs',
    found('stale-handle', 'app1/web'),
    changes('workload', 'app1/web'),
    uses('pvc', 'app1/data'),
  );
  const startNas = step('diagnose-nfs', found('nas-vm-down', 'nas'), changes('vm', '9000'), changes('nas', 'nas'));
  const mount = step(
    'diagnose-nfs',
    found('dataset-not-mounted', 'main/app1'),
    changes('dataset', 'main/app1'),
    uses('nas', 'nas'),
  );
  const rollBack = step(
    'rollback-dataset',
    found('to-roll-back', 'main/app1'),
    changes('dataset', 'main/app1'),
    uses('nas', 'nas'),
  );
  const leftOver = step('diagnose-block', found('ghost-disks', 'node1/slot 3'), changes('vm', '201'), uses('node', 'node1'));
  const rebootNode = step('diagnose-nfs', found('client-wedged', 'node1'), changes('node', 'node1'), changes('vm', '201'));
  const driverPod = step('diagnose-csi', found('driver-stalled', 'nfs.csi.k8s.io on node1'), changes('driver', DRIVER.name));
  const trim = step('diagnose-capacity', found('thin-data-critical', 'pve/data'), changes('lv', 'pve/vm-9999-pvc-disk0'));
  const resume = step('diagnose-node', found('machine-io-error', 'node1'), changes('vm', '201'));

  test.each([
    ['the NAS is started', startNas, NAS, true],
    [
      'a pool of it is scrubbed less',
      step('diagnose-slow-nfs', found('scrub-running', 'main'), changes('pool', 'main')),
      NAS,
      true,
    ],
    ['a dataset that came up unmounted is mounted', mount, NAS, true],
    ['a dataset is rolled back', rollBack, NAS, false],
    ['a pod on it is restarted', restart, NAS, false],
    ['a left-over disk of a node is dropped', leftOver, NAS, false],
    ['a node is rebooted for its wedged client', rebootNode, NAS, false],
    ['a driver pod is restarted', driverPod, NAS, false],
    ['the machine of the node is resumed', resume, PVE, false],
    ['space is given back to the thin pool', trim, PVE, true],
    ['a left-over disk of the node itself is dropped', leftOver, NODE, true],
    ['the node itself is rebooted', rebootNode, NODE, true],
    ['the NAS under the node is started', startNas, NODE, true],
    ['a driver pod of the driver is restarted', driverPod, DRIVER, true],
    [
      'a member of the database server is restarted',
      step('diagnose-mysql', found('pod-down', 'x'), changes('workload', MYSQL.name)),
      MYSQL,
      true,
    ],
    [
      'a dead pod is deleted that keeps the lock of its files',
      step(
        'diagnose-mysql',
        found('zombie-pod', 'mysql-7c9d8f6b5-zx4kq'),
        changes('workload', 'dbaas/mysql'),
        uses('node', 'node2'),
      ),
      MYSQL,
      true,
    ],
    ['another workload is restarted', restart, MYSQL, false],
  ])('when %s', (_what, planned, ill, wanted) => {
    expect(mends(planned, ill, around)).toBe(wanted);
  });
});
