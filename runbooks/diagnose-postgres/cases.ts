const asked = { words: [], changes: [] } as const;

function ill(scenario: string, ...findings: string[]) {
  return { ...asked, scenario: `postgres-${scenario}`, verdict: 'ill', findings } as const;
}

const EMPTY = ['database-empty dbaas/pg-cluster/linkwarden'] as const;

/** What each recorded situation must lead to. Scenarios are those of the simulated site. */
export const cases = [
  { ...asked, scenario: 'postgres-well', verdict: 'well', findings: [] },
  { ...asked, scenario: 'postgres-joined-again', verdict: 'well', findings: [] },
  { ...asked, scenario: 'postgres-database-new', verdict: 'well', findings: [] },
  { ...asked, scenario: 'postgres-silent', verdict: 'blind', findings: [] },
  ill('deleted', 'no-cluster dbaas/pg-cluster'),
  ill('going', 'cluster-going dbaas/pg-cluster'),
  ill('unrecoverable', 'unrecoverable dbaas/pg-cluster'),
  ill('hibernated', 'hibernated dbaas/pg-cluster'),
  ill('operator-down', 'operator-down cloudnative-pg'),
  ill('switchover', 'switching dbaas/pg-cluster'),
  ill('failing-over', 'switching dbaas/pg-cluster', 'node-down dbaas/pg-cluster-1'),
  ill('at-work', 'operator-at-work dbaas/pg-cluster'),
  ill('labels-lost', 'no-primary dbaas/pg-cluster'),
  ill('two-primaries', 'two-primaries dbaas/pg-cluster', 'replica-behind dbaas/pg-cluster-2'),
  ill('fenced', 'fenced dbaas/pg-cluster-2'),
  ill('not-scheduled', 'not-scheduled dbaas/pg-cluster-2'),
  ill('not-attached', 'not-attached dbaas/pg-cluster-1'),
  ill('disk-full', 'disk-full dbaas/pg-cluster-1'),
  ill(
    'slot-idle',
    'instance-down dbaas/pg-cluster-2',
    'disk-fills dbaas/pg-cluster-1',
    'slot-holds-log dbaas/pg-cluster/_cnpg_pg_cluster_2',
  ),
  ill('cannot-join', 'replica-cannot-join dbaas/pg-cluster-2'),
  ill('primary-crashes', 'instance-down dbaas/pg-cluster-2'),
  ill('replica-behind', 'replica-behind dbaas/pg-cluster-2'),
  ill('replica-gone', 'instance-missing dbaas/pg-cluster'),
  ill('database-missing', 'database-missing dbaas/pg-cluster/linkwarden'),
  ill('database-aside', 'database-aside dbaas/pg-cluster/linkwarden'),
  ill('database-closed', 'database-closed dbaas/pg-cluster/linkwarden'),
  ill('database-empty', ...EMPTY, 'rows-in-dump dbaas/pg-cluster/linkwarden'),
  ill('database-never-dumped', ...EMPTY, 'rows-in-no-dump dbaas/pg-cluster/linkwarden'),
  ill('dump-unreadable', ...EMPTY),
] as const;
