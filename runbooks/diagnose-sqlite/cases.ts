/** What each recorded situation must lead to: one look, findings, and nothing changed. */
function seen(scenario: string, ...findings: readonly string[]) {
  const isHeadscale = scenario.endsWith('on-nfs') || scenario === 'several-nodes';
  const words: readonly string[] = [isHeadscale ? 'headscale' : 'vaultwarden'];
  const verdict = findings.length > 0 ? ('ill' as const) : ('well' as const);
  return { scenario: `sqlite-${scenario}`, words, verdict, findings, changes: [] as const };
}

function unseen(scenario: string) {
  return { ...seen(scenario), verdict: 'blind' as const };
}

const ON_NFS = 'on-nfs headscale/headscale-data';

export const cases = [
  seen('well'),
  { ...seen('well'), name: 'sqlite-well-by-its-own-words', words: [] },
  { ...seen('well', ON_NFS), name: 'sqlite-well-on-nfs', words: ['headscale'] },
  seen('corrupt', 'corrupt-tables vaultwarden', 'backups-refused vaultwarden/vaultwarden-backup'),
  seen('corrupt-in-backups', 'corrupt-tables vaultwarden'),
  seen('corrupt-everywhere', 'corrupt-tables vaultwarden', 'no-good-backup vaultwarden'),
  seen('corrupt-at-once', 'corrupt-tables vaultwarden'),
  seen('corrupt-on-nfs', 'corrupt-tables headscale', ON_NFS),
  seen('indexes', 'corrupt-indexes vaultwarden'),
  seen('search-index', 'corrupt-search-index vaultwarden'),
  seen('rules', 'rules-broken vaultwarden'),
  seen('overwritten', 'not-a-database vaultwarden'),
  seen('made-anew', 'tables-missing vaultwarden'),
  seen('missing', 'file-missing vaultwarden'),
  seen('empty', 'file-empty vaultwarden'),
  seen('locked', 'locked vaultwarden'),
  seen('locked-on-nfs', 'locked headscale', ON_NFS),
  seen('locked-before'),
  seen('read-only', 'read-only vaultwarden'),
  seen('read-only-asked', 'read-only vaultwarden'),
  seen('io-error', 'io-error vaultwarden'),
  seen('unfinished', 'unfinished-transaction vaultwarden'),
  seen('not-readable', 'not-readable vaultwarden'),
  seen('half-a-log', 'cannot-open vaultwarden'),
  seen('no-permission', 'no-permission vaultwarden'),
  seen('full', 'volume-full vaultwarden'),
  seen('inodes', 'inodes-used-up vaultwarden'),
  seen('large-log', 'log-large vaultwarden'),
  seen('several-nodes', 'several-nodes headscale', ON_NFS),
  seen('no-workload', 'no-volume vaultwarden'),
  unseen('stopped'),
  seen('stopped-on-nfs', ON_NFS),
  seen('node-off-on-nfs', ON_NFS),
  seen('node-given-up-on-nfs', 'several-nodes headscale', ON_NFS),
  unseen('no-tool'),
  unseen('too-large'),
  unseen('older-tool'),
];
