const DUMP = 'dump_2026_04_03_00_00.sql.gz';
const EARLIER = 'dump_2026_03_20_00_00.sql.gz';

const asked = (...words: readonly string[]) => ({ words, verdict: 'ill', changes: [] }) as const;
const fromDump = asked('linkwarden', 'from', DUMP);

/** Nothing is planned for any of these. */
export const obstacles = [
  { scenario: 'postgres-restore-cut', ...fromDump, findings: [`dump-broken ${DUMP}`] },
  {
    scenario: 'postgres-restore-cut',
    name: 'postgres-restore-cut-anyway',
    ...asked('linkwarden', 'from', DUMP, 'anyway'),
    findings: [`dump-broken ${DUMP}`],
  },
  { scenario: 'postgres-restore-not-unpackable', ...fromDump, findings: [`dump-broken ${DUMP}`] },
  { scenario: 'postgres-restore-schema-only', ...fromDump, findings: [`dump-doubtful ${DUMP}`] },
  { scenario: 'postgres-restore-empty', ...fromDump, findings: [`dump-doubtful ${DUMP}`] },
  { scenario: 'postgres-restore-constant', ...fromDump, findings: [`dump-doubtful ${DUMP}`] },
  { scenario: 'postgres-restore-small', ...fromDump, findings: [`dump-doubtful ${DUMP}`] },
  { scenario: 'postgres-restore-older', ...fromDump, findings: [`dump-doubtful ${DUMP}`] },
  { scenario: 'postgres-restore-newer', ...fromDump, findings: [`server-older ${DUMP}`] },
  { scenario: 'postgres-restore-no-dumps', ...fromDump, findings: ['no-dump /mnt/main/postgresql-backup'] },
  {
    scenario: 'postgres-restore-no-dumps',
    name: 'postgres-restore-no-dumps-to-show',
    ...asked('linkwarden'),
    findings: ['no-dump /mnt/main/postgresql-backup'],
  },
  {
    scenario: 'postgres-restore-offered',
    name: 'postgres-restore-other-night',
    ...asked('linkwarden', 'from', EARLIER),
    findings: [`no-such-dump ${EARLIER}`],
  },
  {
    scenario: 'postgres-restore-offered',
    name: 'postgres-restore-unknown-database',
    ...asked('linkwardn', 'from', DUMP),
    findings: ['no-such-database linkwardn'],
  },
  {
    scenario: 'postgres-restore-offered',
    name: 'postgres-restore-unknown-database-to-show',
    ...asked('linkwardn'),
    findings: ['no-such-database linkwardn'],
  },
  { scenario: 'postgres-restore-not-dumped', ...asked('newcomer', 'from', DUMP), findings: [`not-in-dump ${DUMP}`] },
  { scenario: 'postgres-restore-role-gone', ...fromDump, findings: ['role-missing linkwarden'] },
  { scenario: 'postgres-restore-grantee-gone', ...fromDump, findings: ['role-missing linkwarden'] },
  { scenario: 'postgres-restore-no-room', ...fromDump, findings: ['no-room pg-cluster-1'] },
  { scenario: 'postgres-restore-job-runs', ...fromDump, findings: ['backup-running Pod dbaas/postgresql-backup-29586240-8jbkf'] },
  { scenario: 'postgres-restore-announced', ...fromDump, findings: ['work-announced PowerOutage'] },
  { scenario: 'postgres-restore-switching', ...fromDump, findings: ['no-primary dbaas/pg-cluster'] },
  { scenario: 'postgres-restore-bare-pod', ...fromDump, findings: ['cannot-stop Pod linkwarden/looking-around'] },
  {
    scenario: 'postgres-restore-beside-opened',
    ...fromDump,
    findings: ['restored-opened linkwarden_storagebot-3f2a9c81d0-1-restore'],
  },
  { scenario: 'postgres-restore-shut', ...fromDump, findings: ['database-shut linkwarden'] },
  { scenario: 'postgres-unrecoverable', ...fromDump, findings: ['no-primary dbaas/pg-cluster'] },
  { scenario: 'postgres-restore-unseen', ...fromDump, verdict: 'blind', findings: [] },
] as const;
