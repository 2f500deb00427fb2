import { describe, expect, test } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { loadConfig } from '../config/config.ts';
import { requireAlertRules } from './alert-rules.ts';

const config = await loadConfig(new URL('../../deploy/storagebot.example.yaml', import.meta.url).pathname);

function problem(alerts: object): string {
  try {
    requireAlertRules({ ...config, alerts: alerts as never }, runbooks);
    return '';
  } catch (error) {
    return String(error);
  }
}

const run = (line: string) => problem({ routes: [{ labels: {}, annotations: {}, what: { run: line.split(' ') } }] });
const rule = (runbook: string) => problem({ autoApply: [{ runbook, perHour: 1, allowedBy: 'U0EXAMPLE01' }] });

describe('the configuration of alerts', () => {
  test.each(['diagnose nfs all', 'diagnose nfs {namespace}', 'fix nfs all', 'triage', 'check exports', 'diagnose csi {driver}'])(
    'may have an alert start "%s"',
    (line) => expect(run(line)).toBe(''),
  );

  test.each([
    ['diagnos nfs', 'alerts.routes[0].run names no runbook: "diagnos nfs" is no command of the bot'],
    ['restore pvc {namespace}/{claim}', 'must begin by looking, and "restore pvc {namespace}/{claim}" acts (restore-pvc)'],
    ['restart iscsi', 'acts (restart-iscsi): an alert starts only what diagnoses'],
    ['silence NodeDown for 4h', 'acts (silence)'],
    ['restart nfs', 'acts (restart-nfs)'],
    ['diagnose node', 'cannot be asked so: '],
  ])('is refused where an alert would start "%s"', (line, says) => expect(run(line)).toContain(says));

  test.each(['diagnose-nfs', 'diagnose-capacity', 'unsilence'])('may let steps of %s be applied', (id) =>
    expect(rule(id)).toBe(''),
  );

  test.each([
    ['restart_nfs', 'alerts.autoApply[0].runbook names no runbook: there is none with the id "restart_nfs"'],
    ['restart-iscsi', 'would never count: no alert starts restart-iscsi'],
    ['triage', 'would never count: triage changes nothing'],
  ])('is refused where steps of %s would be applied', (id, says) => expect(rule(id)).toContain(says));

  test('is told of all that is wrong at once, and may say nothing', () => {
    const routes = [
      { labels: {}, annotations: {}, what: { run: ['nothing'] } },
      { labels: {}, annotations: {}, what: { ignore: 'known' } },
    ];
    expect(problem({ routes, autoApply: [{ runbook: 'nobody', perHour: 1, allowedBy: 'U0' }] }).split('\n')).toHaveLength(3);
    requireAlertRules({ ...config, alerts: undefined as never }, runbooks);
  });
});
