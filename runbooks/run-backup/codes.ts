export const CODES = {
  due: 'There is no whole backup of the last hour.',
  'no-cron-job': 'The CronJob of which one more run is asked is not there.',
  'runs-now': 'A run of it is under way.',
  'change-runs': 'A Job of this bot works in the same namespace: a restore, or another change.',
  'others-run': 'Another backup job runs.',
  'disk-busy': 'The disk under the NAS has no time for it.',
  'no-room': 'There is no room for another backup.',
  'time-ahead': 'A backup has a time ahead of the clock, and would be taken for the newest.',
  'source-refused': 'The database that it copies did not pass its own check.',
} as const;
export type Code = keyof typeof CODES;
