import * as alertmanager from '../../src/commands/alertmanager.ts';
import type { Samples } from './sample-arguments.ts';

const silences = {
  each: [
    [
      { name: 'alertname', values: ['PVFillingUp', 'PVPredictedFull'] },
      { name: 'namespace', values: ['dbaas'] },
    ],
    [{ name: 'alertname', values: ['MySQLDown'] }],
  ],
  durationMs: 3_600_000,
  createdBy: 'operator (storagebot-3f2a9c81d0-1)',
  comment: "the disk's successor is ordered",
} as const;

/** Alerts and silences. */
export const ofAlertmanager: Samples = {
  'alertmanager.ts': {
    firingAt: [alertmanager.firingAt()],
    silences: [alertmanager.silences()],
    alertmanagerStatus: [alertmanager.alertmanagerStatus()],
    addSilences: [alertmanager.addSilences(silences)],
    expireSilences: [alertmanager.expireSilences(silences.createdBy, silences.each)],
  },
};
