import { describe, expect, it } from 'vitest';
import type { RunView } from '../../src/core/run.ts';
import { APPROVE, DENY } from '../../src/slack/decision-value.ts';
import { roundOf, stepOf, viewOf, withStep } from '../../src/slack/fixtures/run-view.ts';
import { CANCEL, TAKE_OVER } from '../../src/slack/run-buttons.ts';
import type { LabMessage } from '../lab/slack/index.ts';
import type { Harness } from './slack-harness.ts';
import { APPROVER, CHANNEL, OPERATOR, startHarness } from './slack-harness.ts';

const destructive = stepOf({ risk: 'destructive' });

async function offer(harness: Harness, step = stepOf()): Promise<LabMessage> {
  await harness.slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
  await harness.shown('Runs exactly this:');
  const view = { ...harness.engine.current, rounds: [roundOf({ plan: { steps: [step] } })] } satisfies RunView;
  harness.engine.current = view;
  await harness.engine.show(view);
  return harness.shown('Runs exactly this:');
}

async function openedBy(harness: Harness, user: string): Promise<string> {
  await expect.poll(() => harness.slack.views(user).length).toBe(1);
  return JSON.stringify(harness.slack.views(user)[0]);
}

async function answered(harness: Harness, user: string, says: string): Promise<LabMessage> {
  const answer = await harness.shown(says);
  expect(answer.visibleTo).toBe(user);
  return answer;
}

describe('a press of Deny', () => {
  it('asks for the reason, beside the command; the reason is kept and the answer goes to the thread of the step', {
    retry: 2,
  }, async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    const step = await offer(harness);
    const press = await slack.press(APPROVER, step.ts, CHANNEL, DENY);
    expect(press.ackMs).toBeLessThan(100);
    const window = await openedBy(harness, APPROVER);
    expect(window).toContain('Step 1.1: Load the exports again');
    expect(window).toContain('nas$ exportfs -ra');
    expect(await slack.submit(APPROVER, {})).toMatchObject({ errors: { reason: 'Please complete this required field.' } });
    expect(await slack.submit(APPROVER, { reason: 'no' })).toMatchObject({ ok: false });
    expect(engine.decided).toEqual([]);
    expect(await slack.submit(APPROVER, { reason: ' wrong\nhost ' })).toMatchObject({ ok: true });
    const actor = { id: APPROVER, name: 'approver' };
    expect(engine.decided).toEqual([
      {
        run: 'run1',
        round: 1,
        step: 0,
        digest: 'abcdef012345',
        actor,
        verdict: 'deny',
        reason: 'wrong host',
        key: expect.stringMatching(/^submission /),
      },
    ]);
    const answer = await answered(harness, APPROVER, 'Denied. Nothing was changed.');
    expect(answer.threadTs).toBe(step.threadTs);
    expect(slack.views(APPROVER)).toEqual([]);
    const shown = await harness.shown('denied: nothing was changed');
    expect(slack.text(await harness.shown('wrong host'))).toMatch(/Denied by .*approver.* at .*: wrong host/i);
    expect(JSON.stringify(shown.blocks)).not.toContain(APPROVE);
  });

  it('by the person who asked for the run needs no reason', async () => {
    await using harness = await startHarness();
    const step = await offer(harness);
    await harness.slack.press(OPERATOR, step.ts, CHANNEL, DENY);
    await openedBy(harness, OPERATOR);
    expect(await harness.slack.submit(OPERATOR, {})).toMatchObject({ ok: true });
    expect(harness.engine.decided).toMatchObject([{ verdict: 'deny' }]);
    expect(harness.engine.decided[0]).not.toHaveProperty('reason');
  });

  it('with a reason made of markup notifies nobody, links nowhere and formats nothing', async () => {
    await using harness = await startHarness();
    const { slack } = harness;
    const step = await offer(harness);
    await slack.press(APPROVER, step.ts, CHANNEL, DENY);
    await openedBy(harness, APPROVER);
    await slack.submit(APPROVER, { reason: '<!channel> <http://evil.example|click> *now* \u202e' });
    const shown = await harness.shown('<http://evil.example|click> *now* \\u{202e}');
    const elsewhere = [
      shown.text,
      ...shown.blocks.filter(({ type }) => type !== 'rich_text').map((block) => JSON.stringify(block)),
    ];
    expect(elsewhere.join()).not.toContain('channel>');
    expect(elsewhere.join()).not.toContain('evil');
  });

  it('that comes too late opens no window and is answered in words', async () => {
    await using harness = await startHarness();
    const step = await offer(harness);
    harness.slack.inject('chat.update', { kind: 'delay', delayMs: 600 }, 4);
    await harness.slack.press(APPROVER, step.ts, CHANNEL, APPROVE);
    await harness.slack.press(OPERATOR, step.ts, CHANNEL, DENY);
    await answered(harness, OPERATOR, 'Too late: step 1 is done already.');
    expect(harness.slack.views(OPERATOR)).toEqual([]);
  });

  it('whose window is submitted too late closes it, and the words go to the thread', async () => {
    await using harness = await startHarness();
    const { slack } = harness;
    const step = await offer(harness);
    await slack.press(OPERATOR, step.ts, CHANNEL, DENY);
    await openedBy(harness, OPERATOR);
    await slack.press(APPROVER, step.ts, CHANNEL, APPROVE);
    expect(await slack.submit(OPERATOR, { reason: 'wrong host' })).toMatchObject({ ok: true });
    await answered(harness, OPERATOR, 'Too late: step 1 is done already.');
  });

  it('whose window Slack does not open is answered in words', async () => {
    await using harness = await startHarness();
    const step = await offer(harness);
    harness.slack.inject('views.open', { kind: 'error', error: 'expired_trigger_id' }, 3);
    await harness.slack.press(APPROVER, step.ts, CHANNEL, DENY);
    await answered(harness, APPROVER, 'Slack did not open the window. Nothing was done: press the button again.');
    expect(harness.slack.views(APPROVER)).toEqual([]);
  });

  it('whose window makes the bot fail closes it, and the person is told in the thread', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    const step = await offer(harness);
    await slack.press(APPROVER, step.ts, CHANNEL, DENY);
    await openedBy(harness, APPROVER);
    engine.decide = () => Promise.reject(new Error('store is closed'));
    expect(await slack.submit(APPROVER, { reason: 'wrong host' })).toMatchObject({ ok: true });
    const told = await answered(harness, APPROVER, 'Something went wrong inside the bot');
    expect(told.threadTs).toBe(step.threadTs);
  });

  it('that the engine judges slowly closes the window in time, and the words follow', async () => {
    await using harness = await startHarness();
    const { slack } = harness;
    const step = await offer(harness);
    await slack.press(APPROVER, step.ts, CHANNEL, DENY);
    await openedBy(harness, APPROVER);
    harness.engine.decideMs = 2_300;
    const submitted = await slack.submit(APPROVER, { reason: 'wrong host' });
    expect(submitted).toMatchObject({ ok: true });
    expect(submitted.ackMs).toBeLessThan(2_300);
    await answered(harness, APPROVER, 'Denied. Nothing was changed.');
  });
});

describe('a press of Approve on a destructive step', () => {
  it('shows what it does and holds, and approves once the name was typed that the engine wants', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    const step = await offer(harness, destructive);
    await slack.press(APPROVER, step.ts, CHANNEL, APPROVE);
    const window = await openedBy(harness, APPROVER);
    for (const words of [
      'nas$ exportfs -ra',
      'changes nas nas; uses export /mnt/main/immich',
      'Loading exports changes nothing else.',
      'Every export of this server is loaded',
      'Type nas to approve',
    ])
      expect(window).toContain(words);
    engine.refusals.push({ accepted: false, says: 'That is not its name: type nas.' });
    const wrong = await slack.submit(APPROVER, { typed: 'nsa' });
    expect(wrong).toMatchObject({ ok: false, errors: { typed: 'That is not its name: type nas.' } });
    expect(await slack.submit(APPROVER, { typed: 'nas' })).toMatchObject({ ok: true });
    expect(engine.decided.map(({ verdict, typed }) => [verdict, typed])).toEqual([
      ['approve', 'nsa'],
      ['approve', 'nas'],
    ]);
    await answered(harness, APPROVER, 'Approved. Looking once more');
  });

  it('while the bot is frozen opens no window: the engine says that it is frozen', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    const step = await offer(harness, destructive);
    slack.inject('chat.update', { kind: 'delay', delayMs: 600 }, 4);
    await engine.freeze({ actor: { id: OPERATOR, name: 'operator' }, reason: 'disk is hot' });
    engine.refusals.push({ accepted: false, says: 'Frozen by operator: disk is hot.' });
    await slack.press(APPROVER, step.ts, CHANNEL, APPROVE);
    await answered(harness, APPROVER, 'Frozen by operator: disk is hot.');
    expect(slack.views(APPROVER)).toEqual([]);
  });
});

describe('a press of Approve on what another run holds', () => {
  it('names the run and leads to a take-over with a reason', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    const step = await offer(harness);
    engine.refusals.push({ accepted: false, says: 'nas is held by run run0 of operator.', heldBy: 'run0' });
    await slack.press(APPROVER, step.ts, CHANNEL, APPROVE);
    const answer = await answered(harness, APPROVER, 'nas is held by run run0 of operator.');
    await slack.press(APPROVER, answer.ts, CHANNEL, TAKE_OVER);
    await openedBy(harness, APPROVER);
    await slack.submit(APPROVER, { reason: 'immich comes first' });
    const actor = { id: APPROVER, name: 'approver' };
    expect(engine.takenOver).toEqual([
      { run: 'run1', actor, reason: 'immich comes first', key: expect.stringMatching(/^submission /) },
    ]);
    const taken = await answered(harness, APPROVER, 'Taken over. Press Approve again.');
    expect(taken.threadTs).toBe(step.threadTs);
  });
});

describe('a press of Cancel', () => {
  it('asks why, and afterwards no message of the run has Approve, Deny or Cancel', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    await offer(harness);
    const [root] = slack.messages(CHANNEL);
    await slack.press(APPROVER, root?.ts ?? '', CHANNEL, CANCEL);
    await openedBy(harness, APPROVER);
    await slack.submit(APPROVER, { reason: 'not tonight' });
    expect(engine.cancelled).toMatchObject([{ run: 'run1', actor: { id: APPROVER }, reason: 'not tonight' }]);
    await answered(harness, APPROVER, 'Cancelled. Nothing was changed.');
    await harness.shown('Reason: not tonight');
    const buttons = () => JSON.stringify(slack.messages(CHANNEL, root?.ts).map(({ blocks }) => blocks));
    await expect.poll(buttons).not.toMatch(new RegExp([APPROVE, DENY, CANCEL].join('|')));
  });
});

describe('a press of a button of the whole run', () => {
  it('once the run has ended is answered in words', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    const step = await offer(harness);
    engine.refusals.push({ accepted: false, says: 'nas is held by run run0.', heldBy: 'run0' });
    await slack.press(APPROVER, step.ts, CHANNEL, APPROVE);
    const answer = await answered(harness, APPROVER, 'nas is held by run run0.');
    engine.current = { ...engine.current, status: 'finished' };
    const [root] = slack.messages(CHANNEL);
    await slack.press(APPROVER, answer.ts, CHANNEL, TAKE_OVER);
    await slack.press(OPERATOR, root?.ts ?? '', CHANNEL, CANCEL);
    await expect
      .poll(() => slack.ephemerals(CHANNEL, APPROVER).map((message) => slack.text(message)))
      .toContain('Run run1 has ended.');
    await expect
      .poll(() => slack.ephemerals(CHANNEL, OPERATOR).map((message) => slack.text(message)))
      .toContain('Run run1 has ended.');
    expect([engine.takenOver, engine.cancelled]).toEqual([[], []]);
  });
});

it.each(['expired', 'withdrawn', 'cancelled', 'denied', 'refused', 'failed'] as const)(
  'a step that ended as %s keeps no button to decide, and one to plan again',
  async (status) => {
    await using harness = await startHarness();
    await offer(harness);
    await harness.engine.show({ ...withStep({ status }), id: 'run1', status: 'finished' });
    const [root] = harness.slack.messages(CHANNEL);
    const messages = harness.slack.messages(CHANNEL, root?.ts).map(({ blocks }) => JSON.stringify(blocks));
    expect(messages.join()).not.toMatch(new RegExp([APPROVE, DENY].join('|')));
    expect(messages.filter((blocks) => blocks.includes('Plan again'))).toHaveLength(2);
  },
);

it.each(['withdrawn', 'refused', 'unknown'] as const)(
  'a step that this version cannot show and that is %s keeps no button to decide, and says so',
  async (status) => {
    await using harness = await startHarness();
    const step = await offer(harness);
    const [state] = withStep({ status, detail: 'Version 2 cannot rebuild it.' }).rounds[0]?.steps ?? [];
    const round = roundOf({ plan: { stop: 'This version would make another plan.' }, steps: state === undefined ? [] : [state] });
    await harness.engine.show(viewOf({ id: 'run1', status: 'finished', rounds: [round] }));
    const lost = await harness.shown('Version 2 cannot rebuild it.');
    expect(lost.ts).toBe(step.ts);
    expect(harness.slack.text(lost)).toContain('This version cannot show it, and nobody can approve it.');
    expect(JSON.stringify(lost.blocks)).not.toMatch(new RegExp([APPROVE, DENY].join('|')));
    expect(JSON.stringify(lost.blocks).includes('Plan again')).toBe(status !== 'unknown');
  },
);

it('a run that ended while its offer stood has no buttons to decide', async () => {
  await using harness = await startHarness();
  await offer(harness);
  await harness.engine.show(viewOf({ id: 'run1', status: 'broken' }));
  const [root] = harness.slack.messages(CHANNEL);
  const blocks = JSON.stringify(harness.slack.messages(CHANNEL, root?.ts).map((message) => message.blocks));
  expect(blocks).not.toMatch(new RegExp([APPROVE, DENY].join('|')));
  expect(blocks).toContain('Plan again');
});
