import { describe, expect, it } from 'vitest';
import { ruleActor } from '../core/actors.ts';
import { stepsOf } from '../core/plan.ts';
import type { Decision } from '../core/run.ts';
import { ended, episodes, incidentOf } from './fixtures/incident-view.ts';
import { viewOf, withStep } from './fixtures/run-view.ts';
import { renderIncident } from './incident-message.ts';
import { renderNews } from './incident-thread.ts';
import { renderStep } from './step-message.ts';

const at = 1_795_366_460_000;

function approvalBy(allowedBy: string): Decision {
  const actor = ruleActor({ runbook: 'diagnose-nfs', perHour: 2, allowedBy });
  return { run: 'r', round: 1, step: 0, digest: 'd', actor, verdict: 'approve', at };
}

describe('who allowed a rule that approved a step', () => {
  it('is a person whom everybody can read, in the incident and at the step', () => {
    const approval = approvalBy('U0ALLOWED');
    const root = JSON.stringify(renderIncident(incidentOf(), { diagnosis: viewOf(), approvals: [approval] }).blocks);
    const view = withStep({ status: 'done', decisions: [approval] });
    const [round] = view.rounds;
    const [step] = round === undefined ? [] : stepsOf(round.plan);
    const [state] = round?.steps ?? [];
    if (round === undefined || step === undefined || state === undefined) throw new Error('there is no step');
    const shown = JSON.stringify(renderStep({ view, round, step, index: 0, state }).blocks);
    for (const blocks of [root, shown]) {
      expect(blocks).toContain('the rule for diagnose-nfs (allowed by ');
      expect(blocks).toContain('{"type":"user","user_id":"U0ALLOWED"}');
      expect(blocks.replaceAll('"user_id":"U0ALLOWED"', '')).not.toContain('U0ALLOWED');
    }
    expect(root).toContain('Step 1.1 was approved by ');
    expect(root).toContain(', not by a person.');
  });

  it('is a plain name where he is nobody in Slack', () => {
    const root = JSON.stringify(renderIncident(incidentOf(), { approvals: [approvalBy('cli:operator')] }).blocks);
    expect(root).toContain('"text":"cli:operator"');
  });
});

describe('the thread of an incident that a person closes', () => {
  const closedBy = { id: 'U0CLOSED', name: 'operator' };
  const told = (members: Parameters<typeof incidentOf>[0] & {}) => {
    const view = incidentOf({ ...members, closed: { at, by: closedBy, because: 'closed' } });
    return JSON.stringify(renderNews(view, { joined: [], again: [], ended: [], closed: true }, 1).blocks);
  };
  const critical = { labels: { severity: 'critical', alertname: 'PodNotReady' } };

  it('names who it was, and what still fires', () => {
    const said = told({ members: [...episodes(2, critical), ...episodes(3).slice(2)] });
    expect(said).toContain('"user_id":"U0CLOSED"');
    expect(said).toContain('3 alerts of it still fire (2 critical), and nobody is told of that again.');
    expect(told({ members: episodes(1).map(ended) })).toContain('None of its alerts fires.');
  });
});
