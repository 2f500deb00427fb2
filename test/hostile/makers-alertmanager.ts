import * as alertmanager from '../../src/commands/alertmanager.ts';
import type { Maker } from './maker.ts';

const silences = {
  each: [[{ name: 'alertname', values: ['PVFillingUp'] }]],
  durationMs: 3_600_000,
  createdBy: 'operator',
  comment: 'why',
} as const;

const { each } = silences;

/** Of silences. */
export const ofAlertmanager: Readonly<Record<string, readonly Maker[]>> = {
  addSilences: [
    (name) => alertmanager.addSilences({ ...silences, each: [[{ name, values: ['a'] }]] }),
    (value) => alertmanager.addSilences({ ...silences, each: [[{ name: 'namespace', values: [value] }]] }),
    (value) => alertmanager.addSilences({ ...silences, each: [[{ name: 'namespace', values: ['a', value] }]] }),
    (createdBy) => alertmanager.addSilences({ ...silences, createdBy }),
    (comment) => alertmanager.addSilences({ ...silences, comment }),
  ],
  expireSilences: [
    (createdBy) => alertmanager.expireSilences(createdBy, each),
    (name) => alertmanager.expireSilences('operator', [[{ name, values: ['a'] }]]),
    (value) => alertmanager.expireSilences('operator', [[{ name: 'namespace', values: [value] }]]),
  ],
};
