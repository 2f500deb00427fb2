import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { KNOWN_ALERTS } from '../../src/alerts/known-alerts.ts';
import { peer } from '../peers.ts';
import { root } from '../tree.ts';

const rulesFile = join(root, 'deploy/prometheus/rules.yaml');
const configFile = join(root, 'deploy/alertmanager/alertmanager.yaml');
const promtool = peer('promtool');
const amtool = peer('amtool');

const Rules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
          annotations: z.strictObject({ summary: z.string() }),
        }),
      ),
    }),
  ),
});
const Config = z.object({
  inhibit_rules: z.array(z.object({ source_matchers: z.array(z.string()), target_matchers: z.array(z.string()) })),
});

const rules = Rules.parse(parse(readFileSync(rulesFile, 'utf8'))).groups.flatMap((group) => group.rules);

test('the bot knows every alert of the example rules, and none is there twice', () => {
  const names = rules.map(({ alert }) => alert);
  expect(names.filter((name) => !KNOWN_ALERTS.has(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test('what the example inhibits, and by what, are alerts that the bot knows and the example rules have', () => {
  const { inhibit_rules: inhibited } = Config.parse(parse(readFileSync(configFile, 'utf8')));
  const patterns = inhibited
    .flatMap((each) => [...each.source_matchers, ...each.target_matchers])
    .map((matcher) => /^alertname=~?"(.+)"$/.exec(matcher)?.[1] ?? matcher)
    .flatMap((pattern) => pattern.split('|'));
  const strangersTo = (names: readonly string[]) =>
    patterns.filter((pattern) => !names.some((name) => new RegExp(`^(?:${pattern})$`).test(name)));
  expect(strangersTo([...KNOWN_ALERTS.keys()])).toEqual([]);
  expect(strangersTo(rules.map(({ alert }) => alert))).toEqual([]);
});

interface Situation {
  readonly says: string;
  readonly alert: string;
  /** A minute unless given. */
  readonly interval?: '30m';
  /** Series and their values, one each interval, as promtool writes them. */
  readonly series: readonly (readonly [series: string, values: string])[];
  readonly afterMinutes: number;
  /** Labels and summary of each that fires. */
  readonly fires: readonly (readonly [labels: Readonly<Record<string, string>>, summary: string])[];
}

const nfs = (node: string, values: string) => [`node_nfs_requests_total{instance="${node}",method="Read"}`, values] as const;
const waits = (pod: string, reason = 'ContainerCreating') =>
  [`kube_pod_container_status_waiting_reason{namespace="apps",pod="${pod}",container="app",reason="${reason}"}`, '1x60'] as const;
const claim = (name: string, used: number, capacity: number) =>
  [
    [`kubelet_volume_stats_used_bytes{namespace="apps",persistentvolumeclaim="${name}",node="n1"}`, `${used}x60`],
    [`kubelet_volume_stats_capacity_bytes{namespace="apps",persistentvolumeclaim="${name}",node="n1"}`, `${capacity}x60`],
  ] as const;
const warning = { severity: 'warning' };
const critical = { severity: 'critical' };
const cronJob = 'namespace="dbaas",cronjob="postgresql-backup"';
const GIB = 2 ** 30;

const situations: readonly Situation[] = [
  { says: 'always', alert: 'Watchdog', series: [], afterMinutes: 1, fires: [[{ severity: 'info' }, 'Alerting works']] },
  {
    says: 'when the clients of all nodes but one stand still',
    alert: 'NFSServerUnresponsive',
    series: [nfs('n1', '0+60x30'), nfs('n2', '500x30'), nfs('n3', '500x30')],
    afterMinutes: 25,
    fires: [[critical, 'NFS server is unresponsive: requests go on from 1 node(s)']],
  },
  {
    says: 'when the clients of all nodes stand still',
    alert: 'NFSServerUnresponsive',
    series: [nfs('n1', '500x30'), nfs('n2', '500x30')],
    afterMinutes: 25,
    fires: [[critical, 'NFS server is unresponsive: requests go on from 0 node(s)']],
  },
  {
    says: 'not while two nodes work',
    alert: 'NFSServerUnresponsive',
    series: [nfs('n1', '0+60x30'), nfs('n2', '0+6x30'), nfs('n3', '500x30')],
    afterMinutes: 25,
    fires: [],
  },
  { says: 'not where nothing is measured', alert: 'NFSServerUnresponsive', series: [], afterMinutes: 25, fires: [] },
  {
    says: 'once for each pod',
    alert: 'PodsStuckContainerCreating',
    series: [waits('a'), waits('b'), waits('c', 'ImagePullBackOff')],
    afterMinutes: 20,
    fires: [
      [{ ...warning, namespace: 'apps', pod: 'a' }, 'apps/a waits in ContainerCreating'],
      [{ ...warning, namespace: 'apps', pod: 'b' }, 'apps/b waits in ContainerCreating'],
    ],
  },
  {
    says: 'not for a pod of which another alert tells more',
    alert: 'PodStuckPending',
    series: [
      ...['a', 'b', 'c'].map((pod) => [`kube_pod_status_phase{namespace="apps",pod="${pod}",phase="Pending"}`, '1x60'] as const),
      waits('a'),
      ['kube_pod_status_unschedulable{namespace="apps",pod="b"}', '1x60'],
    ],
    afterMinutes: 20,
    fires: [[{ ...warning, namespace: 'apps', pod: 'c' }, 'apps/c is Pending']],
  },
  {
    says: 'for a claim, and not for the pool under a share',
    alert: 'PVFillingUp',
    series: [
      ...claim('data', 97 * GIB, 100 * GIB),
      ...claim('half', 50 * GIB, 100 * GIB),
      ...claim('share', 1_990 * GIB, 2_000 * GIB),
    ],
    afterMinutes: 40,
    fires: [[{ ...warning, namespace: 'apps', persistentvolumeclaim: 'data' }, 'apps/data is 97% full']],
  },
  {
    says: 'for each server',
    alert: 'PostgreSQLDown',
    series: [
      ['kube_pod_status_ready{namespace="dbaas",pod="pg-cluster-1",condition="true"}', '0x60'],
      ['kube_pod_status_ready{namespace="dbaas",pod="pg-cluster-2",condition="true"}', '1x60'],
      ['kube_pod_status_ready{namespace="dbaas",pod="pg-cluster-backup-x",condition="true"}', '0x60'],
    ],
    afterMinutes: 10,
    fires: [[{ ...critical, namespace: 'dbaas', pod: 'pg-cluster-1', condition: 'true' }, 'pg-cluster-1 is not ready']],
  },
  {
    says: 'once the last success is too long ago',
    alert: 'PostgreSQLBackupStale',
    series: [[`kube_cronjob_status_last_successful_time{${cronJob}}`, '0x80']],
    interval: '30m',
    afterMinutes: 37 * 60,
    fires: [
      [{ ...critical, namespace: 'dbaas', cronjob: 'postgresql-backup' }, 'dbaas/postgresql-backup succeeded 1d 13h 0m 0s ago'],
    ],
  },
  {
    says: 'where none was ever made',
    alert: 'PostgreSQLBackupNeverSucceeded',
    series: [[`kube_cronjob_created{${cronJob}}`, '0x80']],
    interval: '30m',
    afterMinutes: 37 * 60,
    fires: [[{ ...critical, namespace: 'dbaas', cronjob: 'postgresql-backup' }, 'dbaas/postgresql-backup never succeeded']],
  },
  {
    says: 'not where one was made',
    alert: 'PostgreSQLBackupNeverSucceeded',
    series: [
      [`kube_cronjob_created{${cronJob}}`, '0x80'],
      [`kube_cronjob_status_last_successful_time{${cronJob}}`, '0x80'],
    ],
    interval: '30m',
    afterMinutes: 37 * 60,
    fires: [],
  },
  {
    says: 'once, however many supplies run on batteries',
    alert: 'PowerOutage',
    series: [
      ['network_ups_tools_ups_status{flag="OB",ups="rack"}', '1x60'],
      ['network_ups_tools_ups_status{flag="OB",ups="desk"}', '1x60'],
      ['network_ups_tools_ups_status{flag="OL",ups="rack"}', '0x60'],
    ],
    afterMinutes: 5,
    fires: [[critical, 'The site runs on batteries']],
  },
  {
    says: 'for the node whose slots are taken',
    alert: 'ProxmoxCSILunCapReached',
    series: Array.from({ length: 31 }, (_, index) => {
      const labels = `volumeattachment="csi-${index}",attacher="csi.proxmox.sinextra.dev",node="${index < 28 ? 'n1' : 'n2'}"`;
      return [`kube_volumeattachment_info{${labels}}`, '1x60'] as const;
    }),
    afterMinutes: 5,
    fires: [[{ ...critical, node: 'n1' }, 'n1 takes no block volume any more']],
  },
  {
    says: 'also where the check never ran',
    alert: 'VaultwardenIntegrityCheckStale',
    series: [],
    afterMinutes: 20,
    fires: [[{ ...warning, job: 'vaultwarden-integrity-check' }, 'The database of Vaultwarden was not checked for two hours']],
  },
];

describe.skipIf(!promtool.found || !amtool.found)('for the programs that read them', () => {
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-rules-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  function run(tool: typeof promtool, ...words: readonly string[]): string {
    if (!tool.found) throw new Error(tool.reason);
    const { status, stdout, stderr } = spawnSync(tool.path, words, { encoding: 'utf8' });
    return `${stdout}${stderr}exit ${status}`;
  }

  test('the example rules and routes are right', () => {
    expect(run(promtool, 'check', 'rules', rulesFile)).toMatch(new RegExp(`SUCCESS: ${rules.length} rules found\\s+exit 0$`));
    expect(run(amtool, 'check-config', configFile)).toMatch(/SUCCESS[\s\S]*1 receivers[\s\S]*exit 0$/);
  });

  test.each([['alertname=Watchdog'], ['severity=critical'], ['severity=warning'], ['severity=info'], ['team=web']])(
    'an alert with %s goes to the bot',
    (label) => {
      expect(run(amtool, 'config', 'routes', 'test', `--config.file=${configFile}`, label)).toMatch(
        /^storagebot\n(Warning: .*\n)?exit 0$/,
      );
    },
  );

  test.each(situations)('$alert fires $says', ({ alert, interval = '1m', series, afterMinutes, fires }) => {
    const file = join(directory, 'tests.yaml');
    const tests = {
      interval,
      input_series: series.map(([name, values]) => ({ series: name, values })),
      alert_rule_test: [
        {
          eval_time: `${afterMinutes}m`,
          alertname: alert,
          exp_alerts: fires.map(([labels, summary]) => ({ exp_labels: labels, exp_annotations: { summary } })),
        },
      ],
    };
    writeFileSync(file, stringify({ rule_files: [rulesFile], evaluation_interval: interval, tests: [tests] }));
    expect(run(promtool, 'test', 'rules', file)).toMatch(/SUCCESS\s+exit 0$/);
  });
});
