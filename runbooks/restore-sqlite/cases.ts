import { reindexSqlite, restoreSqlite, type SqliteWork } from '../../src/commands/sqlite-scripts.ts';
import type { StartedWork } from '../../src/commands/work-unit.ts';
import { show } from '../../src/core/command.ts';

const FROM = ['vaultwarden', 'from', '2026_04_03_06_00'] as const;
const ANYWAY = [...FROM, 'anyway'] as const;
const OFFERED = ['vaultwarden'] as const;

const notes = (service: string | undefined) =>
  service === undefined
    ? '{"storagebot/ran-before":null,"storagebot/stopped-for":null}'
    : `{"storagebot/ran-before":"1","storagebot/stopped-for":"sqlite ${service}"}`;
const suspend = (service: string | undefined, is: boolean) =>
  `cluster$ kubectl patch cronjobs.batch/vaultwarden-backup --namespace=vaultwarden --type=merge '--patch={"metadata":{"annotations":${notes(service)}},"spec":{"suspend":${is}}}' --output=json`;
const scale = (name: string, service: string | undefined, replicas: number) =>
  `cluster$ kubectl patch deployments.apps/${name} --namespace=${name} --type=merge '--patch={"metadata":{"annotations":${notes(service)}},"spec":{"replicas":${replicas}}}' --output=json`;

const SUSPEND = suspend('vaultwarden', true);
const STOP = [SUSPEND, scale('vaultwarden', 'vaultwarden', 0)];
const START = [scale('vaultwarden', undefined, 1), suspend(undefined, false)];

const lineOf = ({ change }: StartedWork) => show(change.command);
const work = (service: string, label: string, stamp = `storagebot-${label}`): SqliteWork => ({
  namespace: service,
  name: `storagebot-${label}`,
  deadlineS: 3_600,
  image: 'registry.lab.lan/storagebot-tools:1',
  claim: service === 'headscale' ? 'headscale-data' : 'vaultwarden-data-proxmox',
  file: service === 'headscale' ? 'db.sqlite' : 'db.sqlite3',
  stamp,
});
const restore = (stamp?: string) =>
  lineOf(
    restoreSqlite({
      ...work('vaultwarden', 'restore', stamp),
      backupClaim: 'vaultwarden-backup',
      from: '2026_04_03_06_00',
      rows: { users: 4, ciphers: 1_204 },
      needs: ['rsa_key.pem'],
      mayHave: ['rsa_key.pub.pem', 'config.json', 'attachments', 'sends'],
    }),
  );
const REINDEX = lineOf(reindexSqlite({ ...work('headscale', 'reindex'), tables: ['users', 'nodes'] }));

const ill = (scenario: string, finding: string, changes: readonly string[] = []) =>
  ({ scenario: `sqlite-restore-${scenario}`, words: FROM, verdict: 'ill', findings: [finding], changes }) as const;
const well = (scenario: string) =>
  ({ scenario: `sqlite-restore-${scenario}`, words: FROM, verdict: 'well', findings: [], changes: [] }) as const;
const named = <Each>(name: string, each: Each, words: readonly string[]) => ({ ...each, name: `sqlite-${name}`, words }) as const;

const NOT_RESTORED = 'not-restored vaultwarden';
const DAMAGED = 'damaged vaultwarden';
const INDEXES = 'indexes-damaged vaultwarden';
const SEARCH_INDEX = 'search-index-damaged vaultwarden';

/** What each recorded situation must lead to. Scenarios are those of the simulated site. */
export const cases = [
  named('offered', ill('damaged', DAMAGED), OFFERED),
  named('offered-whole', well('whole'), OFFERED),
  named('offered-indexes', ill('indexes', INDEXES), OFFERED),
  named('offered-locked', ill('locked', 'not-corruption vaultwarden'), OFFERED),
  named('offered-unmounted', ill('unmounted', 'not-mounted vaultwarden'), OFFERED),
  named('offered-none', { ...ill('no-backup', DAMAGED), findings: [DAMAGED, 'nothing-kept vaultwarden'] }, OFFERED),
  named('offered-no-tool', { ...well('no-tool'), verdict: 'blind' } as const, OFFERED),
  named('from-no-tool', { ...well('no-tool'), verdict: 'blind' } as const, ANYWAY),
  ill('damaged', NOT_RESTORED, STOP),
  ill('stopped', NOT_RESTORED, [restore()]),
  ill('failed', 'half-restored vaultwarden', [restore('storagebot-3f2a9c81d0-2-restore')]),
  ill('placed', 'not-started vaultwarden', START),
  well('done'),
  ill('undone', NOT_RESTORED, [restore()]),
  ill(
    'damaged-again',
    NOT_RESTORED,
    STOP.map((line) => line.replace('sqlite vaultwarden"', 'sqlite vaultwarden after storagebot-3f2a9c81d0-2-restore"')),
  ),
  ill('whole', 'intact vaultwarden'),
  ill('indexes', INDEXES),
  ill('search-index', SEARCH_INDEX),
  named('offered-search-index', ill('search-index', SEARCH_INDEX), OFFERED),
  named('search-index-reindex', ill('search-index', SEARCH_INDEX), ['vaultwarden', 'reindex']),
  named('search-index-anyway', ill('search-index', NOT_RESTORED, STOP), ANYWAY),
  ill('no-room', 'no-room vaultwarden/vaultwarden-data-proxmox'),
  named('no-room-anyway', ill('no-room', 'no-room vaultwarden/vaultwarden-data-proxmox'), ANYWAY),
  ill('locked', 'not-corruption vaultwarden'),
  ill('disk-error', 'not-corruption vaultwarden'),
  ill('read-only', 'not-corruption vaultwarden'),
  ill('unmounted', 'not-mounted vaultwarden'),
  ill('no-table', 'no-table vaultwarden'),
  ill('read-only-disk', 'read-only vaultwarden'),
  named('read-only-disk-anyway', ill('read-only-disk', 'read-only vaultwarden'), ANYWAY),
  ill('gone', 'no-table vaultwarden'),
  named('gone-anyway', ill('gone', NOT_RESTORED, STOP), ANYWAY),
  ill('other-claim', 'backups-elsewhere vaultwarden/vaultwarden-backup'),
  ill('other-volume', 'no-volume vaultwarden'),
  ill('truncated', 'backup-unfit 2026_04_03_06_00'),
  ill('backup-log', 'backup-unfit 2026_04_03_06_00'),
  ill('without-key', 'backup-unfit 2026_04_03_06_00'),
  ill('empty', 'backup-doubtful 2026_04_03_06_00'),
  ill('own-pod', 'cannot-stop Pod vaultwarden/looks'),
  ill('busy', 'busy Pod vaultwarden/vaultwarden-backup-29581200-x7k2p'),
  ill('job-runs', 'busy Job vaultwarden/storagebot-3f2a9c81d0-2-restore'),
  named('whole-anyway', ill('whole', NOT_RESTORED, STOP), ANYWAY),
  named('indexes-anyway', ill('indexes', NOT_RESTORED, STOP), ANYWAY),
  named('empty-anyway', ill('empty', NOT_RESTORED, STOP), ANYWAY),
  named('offered-no-table', ill('no-table', 'no-table vaultwarden'), OFFERED),
  named('no-table-anyway', ill('no-table', NOT_RESTORED, STOP), ANYWAY),
  named('unmounted-anyway', ill('unmounted', NOT_RESTORED, [SUSPEND]), ANYWAY),
  named('locked-anyway', ill('locked', 'not-corruption vaultwarden'), ANYWAY),
  named('truncated-anyway', ill('truncated', 'backup-unfit 2026_04_03_06_00'), ANYWAY),
  named('no-such-backup', ill('damaged', 'no-such-backup 2026_01_01_00_00'), ['vaultwarden', 'from', '2026_01_01_00_00']),
  named('damaged-reindex', ill('damaged', DAMAGED), ['vaultwarden', 'reindex']),
  named('whole-reindex', ill('whole', 'intact vaultwarden'), ['vaultwarden', 'reindex']),
  named('reindex', ill('indexes', NOT_RESTORED, STOP), ['vaultwarden', 'reindex']),
  named('reindex-on-nfs', ill('indexes', 'not-restored headscale', [scale('headscale', 'headscale', 0)]), [
    'headscale',
    'reindex',
  ]),
  named('reindex-stopped', ill('indexes-stopped', 'not-restored headscale', [REINDEX]), ['headscale', 'reindex']),
  named('reindex-placed', ill('reindexed', 'not-started headscale', [scale('headscale', undefined, 1)]), [
    'headscale',
    'reindex',
  ]),
];
