const DUMP = 'dump_2026_04_03_00_00.sql.gz';
const words = ['from', DUMP];
const CLUSTER = 'dbaas/pg-cluster';
const STACK = 'stacks/dbaas';

const DELETE =
  'cluster$ kubectl delete --raw=/apis/postgresql.cnpg.io/v1/namespaces/dbaas/clusters/pg-cluster --filename=- <<< \'{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"1f365428-58cf-4f69-a3e0-f62aba6d9339"}}\'';
const PLAN =
  'devvm$ sh -c \'set -eu; umask 077; export TG_NON_INTERACTIVE=true TERRAGRUNT_NON_INTERACTIVE=true TG_TF_FORWARD_STDOUT=true TERRAGRUNT_FORWARD_TF_STDOUT=true; mkdir -p "$2"; cd "$1"; terragrunt plan -input=false -no-color -lock-timeout=60s -replace="$5" -out="$2/$3.new" >"$2/$3.new-txt" 2>"$2/$3.log" || { tail -n 20 "$2/$3.log" >&2; exit 1; }; [ "$(git rev-parse HEAD)" = "$4" ] || { echo "another commit was checked out meanwhile" >&2; exit 3; }; rm -f "$2/$3.tfplan"; mv "$2/$3.new-txt" "$2/$3.txt"; mv "$2/$3.new" "$2/$3.tfplan"\' terragrunt /srv/infra/stacks/dbaas /var/lib/storagebot-plans stacks.dbaas-9722db814f1c 9722db814f1c7a30be5d2c96a8e3017b6fd4c052 module.dbaas.null_resource.pg_cluster';
const APPLY =
  'devvm$ sh -c \'set -eu; umask 077; export TG_NON_INTERACTIVE=true TERRAGRUNT_NON_INTERACTIVE=true TG_TF_FORWARD_STDOUT=true TERRAGRUNT_FORWARD_TF_STDOUT=true; cd "$1"; ln "$2.tfplan" "$2.applying"; rm "$2.tfplan"; touch "$2.applying"; { [ ! -L "$2.applying" ] && printf "%s  %s\\n" "$3" "$2.applying" | sha256sum --check --status; } || { mv "$2.applying" "$2.tfplan"; echo "the saved plan is not the one that was approved" >&2; exit 3; }; terragrunt apply -input=false -no-color -lock-timeout=60s "$2.applying" >"$2.log" 2>&1 || { tail -n 20 "$2.log" >&2; exit 1; }; : >"$2.applied"; rm "$2.applying"\' terragrunt /srv/infra/stacks/dbaas /var/lib/storagebot-plans/stacks.dbaas-9722db814f1c 95073c8c47782f9b830392c088274e5fe26962c2c454dd17d1d3f5bcb9aff85f';

const refused = (name: string, ...findings: readonly string[]) =>
  ({ scenario: `postgres-rebuild-${name}`, words, verdict: 'ill', findings, changes: [] }) as const;

/** What each recorded situation must lead to. Scenarios are those of the simulated site. */
export const cases = [
  { scenario: 'postgres-rebuild-lost', words, verdict: 'ill', findings: [`cluster-lost ${CLUSTER}`], changes: [DELETE] },
  { scenario: 'postgres-rebuild-neighbour', words, verdict: 'ill', findings: [`cluster-lost ${CLUSTER}`], changes: [DELETE] },
  {
    scenario: 'postgres-rebuild-small',
    name: 'postgres-rebuild-small-anyway',
    words: [...words, 'anyway'],
    verdict: 'ill',
    findings: [`cluster-lost ${CLUSTER}`],
    changes: [DELETE],
  },
  { scenario: 'postgres-rebuild-gone', words, verdict: 'ill', findings: [`cluster-gone ${CLUSTER}`], changes: [PLAN] },
  { scenario: 'postgres-rebuild-planned', words, verdict: 'ill', findings: [`plan-waits ${STACK}`], changes: [APPLY] },
  { scenario: 'postgres-rebuild-done', words, verdict: 'well', findings: [], changes: [] },
  refused('plan-more', `plan-differs ${STACK}`),
  refused('half-applied', `apply-unfinished ${STACK}`),
  refused('edited', `changes-uncommitted ${STACK}`),
  refused('going', `being-deleted ${CLUSTER}`),
  refused('not-retained', 'volume-not-kept PersistentVolume pvc-f306f5ee-0c06-465b-ad0b-1ecdf93d3961'),
  refused('taken', 'data-within-reach PersistentVolume pvc-8d547a9f-88ae-4483-a325-79787a8fa0e2'),
  refused('claim-left', 'data-within-reach PersistentVolumeClaim dbaas/pg-cluster-3'),
  refused('claim-owned', 'data-within-reach PersistentVolumeClaim dbaas/rescued-pgdata'),
  refused('volume-free', 'volume-unclaimed PersistentVolume pvc-f306f5ee-0c06-465b-ad0b-1ecdf93d3961'),
  refused('backed-up', `backed-up-otherwise ${CLUSTER}`),
  refused('pod-left', 'data-within-reach Pod dbaas/pg-cluster-1'),
  refused('no-volumes', `no-volumes ${CLUSTER}`),
  refused('no-dumps', 'no-dump /mnt/main/postgresql-backup'),
  refused('cut', `dump-broken ${DUMP}`),
  { ...refused('cut', `dump-broken ${DUMP}`), name: 'postgres-rebuild-cut-anyway', words: [...words, 'anyway'] },
  refused('small', `dump-doubtful ${DUMP}`),
  {
    ...refused('lost', 'no-such-dump dump_2026_03_20_00_00.sql.gz'),
    name: 'postgres-rebuild-other-night',
    words: ['from', 'dump_2026_03_20_00_00.sql.gz'],
  },
  refused('job-runs', 'backup-running Pod dbaas/postgresql-backup-29586240-8jbkf'),
  refused('announced', 'work-announced PowerOutage'),
  { scenario: 'postgres-restore-offered', words, verdict: 'ill', findings: [`rebuild-needless ${CLUSTER}`], changes: [] },
  { scenario: 'postgres-restore-switching', words, verdict: 'ill', findings: [`rebuild-needless ${CLUSTER}`], changes: [] },
  { scenario: 'postgres-rebuild-unseen', words, verdict: 'blind', findings: [], changes: [] },
] as const;
