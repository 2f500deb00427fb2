import { describe, expect, test } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import type { AlertRule } from '../core/alert-settings.ts';
import { calledBy } from '../core/called.ts';
import { SITE, WITH_DATABASES } from './fixtures/outage.ts';
import { caveatsOf, KNOWN_ALERTS } from './known-alerts.ts';
import { route } from './route.ts';

/** The alerts of the site, those of its later rules, and those that were only written of. */
const OF_THE_SITE = `
  NFSServerUnresponsive PodsStuckContainerCreating CSIDriverCrashLoop NFSCSIControllerDown ISCSICSIControllerDown
  ContainerOOMKilled PVFillingUp PVPredictedFull NodeHighIOWait HDDHighWriteRate PostgreSQLDown MySQLDown RedisDown
  PostgreSQLBackupStale MySQLBackupStale EtcdBackupStale VaultBackupStale VaultwardenBackupStale RedisBackupStale
  PostgreSQLBackupNeverSucceeded MySQLBackupNeverSucceeded EtcdBackupNeverSucceeded VaultBackupNeverSucceeded
  VaultwardenBackupNeverSucceeded RedisBackupNeverSucceeded PrometheusBackupStale PrometheusBackupNeverRun CloudSyncStale
  CloudSyncNeverRun CloudSyncFailing BackupCronJobFailed VaultwardenSQLiteCorrupt VaultwardenIntegrityCheckStale
  VaultwardenDown PodUnschedulable NFSCSINodeDown NFSMountFailures NFSHighRPCRetransmissions ProxmoxCSILunUsageHigh
  ProxmoxCSILunCritical ProxmoxCSILunCapReached LVMSnapshotStale LVMSnapshotNeverRun LVMSnapshotFailing LVMThinPoolLow
  WeeklyBackupStale WeeklyBackupFailing OffsiteBackupSyncStale OffsiteBackupSyncFailing BackupDiskFull PVCStuckPending
  PodStuckPending VaultRaftLeaderStuck VaultHAStatusUnavailable NodeMaintenanceInProgress VaultwardenIntegrityFail
  PlottingBookBackupStale ContainerNearOOM NodeDown PowerOutage PodCrashLooping TraefikDown AuthentikDown ScrapeTargetDown
  KubeletImagePullErrors NodeFilesystemFull
`
  .trim()
  .split(/\s+/);

const LABELS = { namespace: 'app1', pod: 'web-0', node: 'node1', persistentvolumeclaim: 'data', instance: 'node1:9100' };

function routed(name: string, labels: Readonly<Record<string, string>> = {}, rules: readonly AlertRule[] = []) {
  return route({ name, labels, annotations: {} }, SITE, rules);
}

describe('the table of alerts', () => {
  test('knows every alert of the site', () => {
    expect(OF_THE_SITE.filter((name) => !KNOWN_ALERTS.has(name))).toEqual([]);
  });

  test.each([...KNOWN_ALERTS.keys()])('leads %s to a runbook that looks, with words that it takes, or says why not', (name) => {
    const found = [routed(name), routed(name, LABELS)];
    const calls = found.flatMap((each) => ('run' in each ? [{ words: each.run, call: calledBy(each.run, runbooks) }] : []));
    const refused = calls.filter(
      ({ words, call }) =>
        !['diagnose', 'triage'].includes(words[0] ?? '') ||
        call?.called.params.safeParse(call.called.fromWords(words.slice(call.takes))).success !== true,
    );
    expect(refused).toEqual([]);
    expect(found.filter((each) => 'ignore' in each && each.ignore === '')).toEqual([]);
  });

  test.each([
    ['NFSServerUnresponsive', {}, 'diagnose nfs all'],
    ['CSIDriverCrashLoop', { namespace: 'proxmox-csi' }, 'diagnose csi proxmox'],
    ['ContainerOOMKilled', { namespace: 'nfs-csi' }, 'diagnose csi nfs'],
    ['ContainerOOMKilled', { namespace: 'app1' }, 'triage app1'],
    ['ISCSICSIControllerDown', {}, 'diagnose csi iscsi'],
    ['PVFillingUp', { namespace: 'app1', persistentvolumeclaim: 'data' }, 'diagnose capacity app1/data'],
    ['NodeDown', { node: 'node1' }, 'diagnose node node1'],
    ['NodeDown', {}, 'triage'],
    ['MySQLDown', {}, 'diagnose mysql'],
    ['PostgreSQLDown', { pod: 'pg-1' }, 'triage'],
    ['MySQLBackupStale', { namespace: 'dbaas', cronjob: 'mysql-backup' }, 'diagnose backups mysql'],
    ['EtcdBackupStale', { namespace: 'default', cronjob: 'backup-etcd' }, 'diagnose backups'],
    ['PodsStuckContainerCreating', { node: 'node2' }, 'triage'],
    ['NeverHeardOf', { namespace: 'app1' }, 'triage app1'],
  ])('leads %s %j to %s', (name, labels, words) => {
    expect(routed(name, labels)).toMatchObject({ run: words.split(' ') });
  });

  test('has words for what a person must know, once for each name', () => {
    const names = [
      'NFSCSIControllerDown',
      'MySQLBackupStale',
      'NFSCSIControllerDown',
      'PodsStuckContainerCreating',
      'NeverHeardOf',
    ];
    expect(caveatsOf(names.map((name) => ({ name, labels: { node: 'node1' } })))).toEqual([
      expect.stringMatching(/^NFSCSIControllerDown: .* static volumes/),
      expect.stringMatching(/^PodsStuckContainerCreating: .* kube-state-metrics/),
    ]);
  });

  test('says nothing of an alert that is untrue of one that fires, or of one with other labels', () => {
    expect(caveatsOf([{ name: 'PodsStuckContainerCreating', labels: LABELS }])).toEqual([]);
    const firing = [...KNOWN_ALERTS.keys()].flatMap((name) => caveatsOf([{ name, labels: {} }]));
    expect(firing.filter((text) => /never fire|no rule of the site/i.test(text))).toEqual([]);
  });

  test('leads on to what comes next where its first runbook tells nothing', () => {
    const at = (name: string, labels = {}) => route({ name, labels, annotations: {} }, WITH_DATABASES, []);
    expect(at('VaultwardenDown')).toEqual({
      run: ['diagnose', 'block', 'vaultwarden/vaultwarden'],
      next: [['diagnose', 'sqlite', 'vaultwarden']],
      by: 'table',
    });
    expect(at('PostgreSQLDown', { exported_pod: 'pg-cluster-1' })).toEqual({
      run: ['diagnose', 'postgres'],
      next: [['diagnose', 'block', 'dbaas/pg-cluster-1']],
      by: 'table',
    });
    for (const words of [
      ['diagnose', 'block', 'dbaas/pg-cluster-1'],
      ['diagnose', 'sqlite', 'vaultwarden'],
    ]) {
      const call = calledBy(words, runbooks);
      expect(call?.called.params.safeParse(call.called.fromWords(words.slice(call.takes))).success).toBe(true);
    }
  });

  test('leaves out what is known to be full, and nothing else', () => {
    expect(routed('PVFillingUp', { namespace: 'music', persistentvolumeclaim: 'music' })).toMatchObject({
      ignore: expect.stringContaining('music/music'),
    });
    expect(routed('PVFillingUp', { namespace: 'music', persistentvolumeclaim: 'other' })).toHaveProperty('run');
  });
});

describe('a rule of the configuration', () => {
  const rule = (some: Partial<AlertRule>): AlertRule => ({ labels: {}, annotations: {}, what: { run: ['triage'] }, ...some });

  test('comes before the table, with labels in its words', () => {
    const rules = [rule({ alert: 'MySQLDown', what: { run: ['diagnose', 'nfs', '{namespace}/{pod}'] } })];
    expect(routed('MySQLDown', { namespace: 'a b', pod: 'c' }, rules)).toEqual({ run: ['diagnose', 'nfs', 'a b/c'], by: 'rule' });
  });

  test('reads the labels of what the alert is about, not those of the exporter that tells of it', () => {
    const labels = {
      namespace: 'monitoring',
      exported_namespace: 'immich',
      pod: 'kube-state-metrics-0',
      exported_pod: 'server-0',
    };
    const filled = [rule({ what: { run: ['triage', '{namespace}'] } })];
    expect(routed('Anything', labels, filled)).toEqual({ run: ['triage', 'immich'], by: 'rule' });
    const ignored = (namespace: string) => [rule({ labels: { namespace }, what: { ignore: 'known' } })];
    expect(routed('Anything', labels, ignored('immich'))).toEqual({ ignore: 'known' });
    expect(routed('Anything', labels, ignored('monitoring'))).not.toEqual({ ignore: 'known' });
  });

  test('does not fit where the alert lacks a label that its words name', () => {
    const rules = [rule({ alert: 'MySQLDown', what: { run: ['triage', '{namespace}'] } })];
    expect(routed('MySQLDown', {}, rules)).toMatchObject({ run: ['diagnose', 'mysql'], by: 'table' });
    expect(routed('MySQLDown', { namespace: '' }, rules)).toMatchObject({ by: 'table' });
  });

  test('fits only with all of its labels and annotations', () => {
    const rules = [rule({ labels: { team: 'x' }, annotations: { page: 'no' }, what: { ignore: 'of another team' } })];
    const of = (labels: Readonly<Record<string, string>>, annotations: Readonly<Record<string, string>>) =>
      route({ name: 'MySQLDown', labels, annotations }, SITE, rules);
    expect(of({ team: 'x' }, { page: 'no' })).toEqual({ ignore: 'of another team' });
    expect(of({ team: 'x' }, {})).toHaveProperty('run');
    expect(of({ team: 'y' }, { page: 'no' })).toHaveProperty('run');
  });

  test('is the first that fits', () => {
    const rules = [
      rule({ alert: 'Other', what: { ignore: 'no' } }),
      rule({ what: { ignore: 'yes' } }),
      rule({ what: { ignore: 'late' } }),
    ];
    expect(routed('Strange', {}, rules)).toEqual({ ignore: 'yes' });
  });
});
