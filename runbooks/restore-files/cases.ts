import { daemonWork } from '../../src/commands/work-daemon.ts';
import { show } from '../../src/core/command.ts';

/** The line by which FreeBSD starts this and lets it go on. */
function onFreeBsd(deadlineS: number, ...argv: readonly string[]): string {
  const unit = { name: 'storagebot-restore', argv: ['cp', '-a', ...argv], deadlineS, risk: 'normal' } as const;
  return show(daemonWork({ name: 'truenas', sudo: false }, unit).change.command);
}

const PHOTOS = onFreeBsd(
  601,
  '/mnt/main/archive/.zfs/snapshot/auto-2026-04-03_00-00/photos',
  '/mnt/main/archive/photos.restored-auto-2026-04-03_00-00',
);

/** Nothing is planned for any of these. */
const refused = (words: readonly string[], ...findings: readonly string[]) =>
  ({ words, verdict: 'ill', findings, changes: [] }) as const;

/** What each recorded situation must lead to: cause and exact commands. Scenarios are those of the simulated site. */
export const cases = [
  {
    scenario: 'files-lost',
    words: ['main/archive', 'latest', 'photos'],
    verdict: 'ill',
    findings: ['not-restored /mnt/main/archive/photos'],
    changes: [PHOTOS],
  },
  {
    scenario: 'files-lost',
    name: 'file-cut-short',
    words: ['/mnt/main/archive', 'auto-2026-04-02_00-00', 'report.pdf'],
    verdict: 'ill',
    findings: ['not-restored /mnt/main/archive/report.pdf'],
    changes: [
      onFreeBsd(
        605,
        '/mnt/main/archive/.zfs/snapshot/auto-2026-04-02_00-00/report.pdf',
        '/mnt/main/archive/report.pdf.restored-auto-2026-04-02_00-00',
      ),
    ],
  },
  {
    scenario: 'files-lost',
    name: 'directory-of-main',
    words: ['/mnt/main/immich', 'latest', 'library'],
    verdict: 'ill',
    findings: ['not-restored /mnt/main/immich/library'],
    changes: [
      onFreeBsd(601, '/mnt/main/.zfs/snapshot/cloudsync-prev/immich/library', '/mnt/main/immich/library.restored-cloudsync-prev'),
    ],
  },
  {
    scenario: 'files-lost',
    name: 'on-scale',
    nas: 'scale',
    words: ['main/immich', 'cloudsync-prev', 'library/data'],
    verdict: 'ill',
    findings: ['not-restored /mnt/main/immich/library/data'],
    changes: [
      'truenas$ systemd-run --no-block --unit=storagebot-restore.service --property=Type=exec --property=RemainAfterExit=yes --property=RuntimeMaxSec=601 --property=TimeoutStopSec=60 --property=NotifyAccess=all -- cp --archive --no-target-directory /mnt/main/.zfs/snapshot/cloudsync-prev/immich/library/data /mnt/main/immich/library/data.restored-cloudsync-prev',
    ],
  },
  {
    scenario: 'files-lost',
    name: 'restored-already',
    words: ['main/archive', 'latest', 'letters'],
    verdict: 'well',
    findings: [],
    changes: [],
  },
  {
    scenario: 'files-lost',
    name: 'restored-in-part',
    ...refused(['main/archive', 'latest', 'drafts'], 'copy-differs /mnt/main/archive/drafts.restored-auto-2026-04-03_00-00'),
  },
  {
    scenario: 'files-lost',
    name: 'nothing-in-it',
    ...refused(['main/archive', 'latest', 'empty'], 'not-in-snapshot /mnt/main/archive/empty'),
  },
  {
    scenario: 'files-lost',
    name: 'wrong-spelling',
    ...refused(['main/archive', 'latest', 'fotos'], 'not-in-snapshot /mnt/main/archive/fotos'),
  },
  {
    scenario: 'files-lost',
    name: 'through-a-link',
    ...refused(
      ['main/archive', 'latest', 'current/passwd'],
      'link-in-the-way /mnt/main/archive/.zfs/snapshot/auto-2026-04-03_00-00/current',
    ),
  },
  {
    scenario: 'files-lost',
    name: 'directory-above-gone',
    ...refused(
      ['main/archive', 'latest', 'old/2019/x.tar'],
      'parent-missing /mnt/main/archive/old',
      'not-restored /mnt/main/archive/old/2019/x.tar',
    ),
  },
  { scenario: 'files-lost', name: 'which-snapshot', ...refused(['main/archive'], 'no-such-snapshot main/archive') },
  {
    scenario: 'all-well',
    name: 'no-such-snapshot',
    ...refused(['main', 'auto-2025-01-01_00-00', 'immich/library'], 'no-such-snapshot main'),
  },
  {
    scenario: 'all-well',
    name: 'no-such-dataset',
    ...refused(['backup/immich', 'latest', 'library'], 'no-such-dataset backup/immich'),
  },
  {
    scenario: 'files-lost',
    name: 'target-gone',
    ...refused(
      ['/mnt/main/archive/old', 'latest', '2019'],
      'parent-missing /mnt/main/archive/old',
      'not-restored /mnt/main/archive/old/2019',
    ),
  },
  {
    scenario: 'files-lost',
    name: 'in-the-dataset-below',
    words: ['main', 'latest', 'archive/photos'],
    verdict: 'ill',
    findings: ['not-restored /mnt/main/archive/photos'],
    changes: [PHOTOS],
  },
  {
    scenario: 'file-with-broken-block',
    ...refused(
      ['main/archive', 'latest', 'report.pdf'],
      'not-restored /mnt/main/archive/report.pdf',
      'broken-block /mnt/main/archive/report.pdf',
    ),
  },
  {
    scenario: 'file-with-broken-block',
    name: 'beside-a-broken-block',
    words: ['main/archive', 'latest', 'photos'],
    verdict: 'ill',
    findings: ['not-restored /mnt/main/archive/photos'],
    changes: [PHOTOS],
  },
  {
    scenario: 'files-lost',
    name: 'volume',
    ...refused(['main/iscsi/csi-pvc-1', 'latest', 'report.pdf'], 'not-mounted main/iscsi/csi-pvc-1'),
  },
  {
    scenario: 'pool-over-90',
    ...refused(
      ['main/archive', 'latest', 'films'],
      'not-restored /mnt/main/archive/films',
      'no-room main/archive',
      'pool-unfit main',
    ),
  },
  {
    scenario: 'all-well',
    name: 'without-zfs',
    nas: 'debian',
    ...refused(['/mnt/main/immich', 'latest', 'library'], 'no-zfs truenas'),
  },
  {
    scenario: 'blind-nas-ssh',
    words: ['main/archive', 'latest', 'photos'],
    verdict: 'blind',
    findings: [],
    changes: [],
  },
] as const;
