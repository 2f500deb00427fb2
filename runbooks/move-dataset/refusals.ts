/** Situations in which nothing is planned, and the one reason. */
const REASONS = [
  ['move-child', 'has-children main/immich/encoded-video'],
  ['move-encrypted', 'not-movable main/immich/encoded-video'],
  ['move-no-room', 'no-room ssd'],
  ['move-too-full', 'pool-unfit ssd'],
  ['move-pool-degraded', 'pool-unfit ssd'],
  ['move-target-foreign', 'target-exists ssd/immich-encoded-video'],
  ['move-target-directory', 'target-exists ssd/immich-encoded-video'],
  ['move-copy-changed', 'copy-changed ssd/immich-encoded-video'],
  ['move-copy-snapshotted', 'copy-changed ssd/immich-encoded-video'],
  ['move-copy-differs', 'copy-differs ssd/immich-encoded-video'],
  ['move-copy-empty', 'copy-differs ssd/immich-encoded-video'],
  ['move-daemon-set', 'user-not-movable DaemonSet immich/transcoder'],
  ['move-operator', 'user-not-movable Deployment immich/immich-server'],
  ['move-bare-pod', 'user-not-movable Pod immich/looking-around'],
  ['move-cron-running', 'user-not-movable CronJob immich/prune'],
] as const;

export const refusals = REASONS.map(([scenario, finding]) => ({
  scenario,
  words: ['main/immich/encoded-video', 'ssd'],
  verdict: 'ill' as const,
  findings: [finding],
  changes: [] as const,
}));
