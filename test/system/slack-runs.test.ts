import { describe, expect, it } from 'vitest';
import { APPROVE, DENY } from '../../src/slack/decision-value.ts';
import { offered, roundOf, undoable, viewOf, withStep } from '../../src/slack/fixtures/run-view.ts';
import { AGAIN, UNDO } from '../../src/slack/run-buttons.ts';
import type { Harness } from './slack-harness.ts';
import { APPROVER, CHANNEL, OPERATOR, startHarness } from './slack-harness.ts';

const approvers = { normal: [APPROVER, 'S0GROUP'], high: [], destructive: [] };
const at = 1_795_366_400_000;
const operator = { id: OPERATOR, name: 'operator' };

/** Asks for a run and returns the timestamp of its root message. */
async function ask({ slack, shown }: Harness): Promise<string> {
  await slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
  await shown('Runs exactly this:');
  return slack.messages(CHANNEL)[0]?.ts ?? '';
}

function threadTexts({ slack }: Harness, root: string): string[] {
  return slack.messages(CHANNEL, root).map((message) => slack.text(message));
}

describe('a request', () => {
  it('has a key made of what Slack calls it, another for each time that it is typed or said', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    await ask(harness);
    await slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
    const said = await slack.say(OPERATOR, CHANNEL, '@storagebot diagnose nfs immich');
    await expect.poll(() => engine.started.length).toBe(3);
    const keys = engine.started.map(({ key }) => key);
    expect(new Set(keys).size).toBe(3);
    expect(keys.slice(0, 2)).toEqual([expect.stringMatching(/^command ./), expect.stringMatching(/^command ./)]);
    expect(keys[2]).toBe(`mention ${CHANNEL} ${said.ts}`);
  });
});

describe('an ended run', () => {
  it('is planned again with one press, as a run in the same thread that names it', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    const root = await ask(harness);
    await engine.show({ ...withStep({ status: 'expired' }), id: 'run1', status: 'finished' });
    const step = await harness.shown('expired: nothing was changed');
    await slack.press(APPROVER, step.ts, CHANNEL, AGAIN);
    const next = await harness.shown('This run repeats run run1.');
    expect(next.threadTs).toBe(root);
    expect(engine.followed).toEqual([
      {
        run: 'run1',
        how: 'again',
        actor: { id: APPROVER, name: 'approver' },
        origin: { kind: 'slack', channel: CHANNEL, thread: root },
        key: expect.stringMatching(/^press ./) as unknown,
      },
    ]);
    expect((await harness.shown('Looking again as run run11.')).visibleTo).toBe(APPROVER);
  });

  it('that did what can be taken back offers that, from its root message', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    const root = await ask(harness);
    const done = [{ ...offered, status: 'done' as const }];
    await engine.show(viewOf({ id: 'run1', status: 'finished', rounds: [roundOf({ steps: done })] }));
    expect(JSON.stringify(slack.messages(CHANNEL)[0]?.blocks)).not.toContain(UNDO);
    const round = roundOf({ plan: { steps: [undoable()] }, steps: done });
    await engine.show(viewOf({ id: 'run1', status: 'finished', rounds: [round] }));
    await slack.press(OPERATOR, root, CHANNEL, UNDO);
    await harness.shown('This run takes back run run1.');
    expect(engine.followed).toMatchObject([{ run: 'run1', how: 'undo', origin: { thread: root } }]);
  });

  it('shows the head of the audit trail whole', async () => {
    await using harness = await startHarness();
    const root = await ask(harness);
    const mac = '3f9a0c'.repeat(10);
    await harness.engine.show(viewOf({ id: 'run1', status: 'finished', auditHead: { seq: 42, mac } }));
    expect((await harness.shown('audit 42')).ts).toBe(root);
    expect(threadTexts(harness, root)[0]).toContain(`audit 42 · ${mac}`);
  });
});

describe('an offer', () => {
  it('that is about to end calls those who may approve in a new message, which calls nobody once it is decided', async () => {
    await using harness = await startHarness({ approvers });
    const { slack, engine } = harness;
    const root = await ask(harness);
    const before = slack.messages(CHANNEL, root).length;
    await engine.show({ ...withStep({ warned: true }), id: 'run1' });
    const warning = await harness.shown('Nobody has decided on step 1.1 yet');
    expect(slack.messages(CHANNEL, root)).toHaveLength(before + 1);
    expect(slack.text(warning)).toContain('@Approver');
    expect(slack.text(warning)).toContain('Its offer ends');
    await engine.show({ ...withStep({ status: 'done' }), id: 'run1', status: 'finished' });
    const over = slack.messages(CHANNEL, root).find(({ ts }) => ts === warning.ts);
    expect(over && slack.text(over)).toContain('The reminder of step 1.1 is over');
    expect(JSON.stringify(over?.blocks)).not.toContain(APPROVER);
    expect(slack.messages(CHANNEL, root)).toHaveLength(before + 1);
  });

  it('that ends without a warning gets no message of one', async () => {
    await using harness = await startHarness({ approvers });
    const root = await ask(harness);
    await harness.engine.show({ ...withStep({ status: 'expired', warned: true }), id: 'run1', status: 'finished' });
    expect(threadTexts(harness, root).join()).not.toContain('reminder');
  });

  it('can only be denied while the bot is frozen, and says who froze it and why', async () => {
    await using harness = await startHarness({ approvers });
    const root = await ask(harness);
    const frozen = { actor: operator, reason: 'disk is hot', at };
    await harness.engine.show({ ...withStep({}), id: 'run1', frozen });
    const step = await harness.shown('Reason: disk is hot');
    expect(harness.slack.text(step)).toMatch(/Frozen by .*operator.* since .*: nothing is changed anywhere/i);
    const buttons = JSON.stringify(harness.slack.messages(CHANNEL, root).map(({ blocks }) => blocks));
    expect(buttons).toContain(DENY);
    expect(buttons).not.toContain(APPROVE);
  });
});

describe('the kill switch', () => {
  it('is pulled and released by words in a channel, and everybody there reads who did it and why', async () => {
    await using harness = await startHarness();
    const { slack, engine } = harness;
    const answer = await slack.command(OPERATOR, CHANNEL, '/storage freeze disk is "hot" <!channel> *now*');
    expect(answer).toMatchObject({ ok: true });
    const told = await harness.shown('Nothing is changed anywhere until');
    expect(told.visibleTo).toBeUndefined();
    expect(slack.text(told)).toMatch(/operator froze the bot. Frozen by operator: disk is "hot" <!channel> \*now\*/i);
    expect(told.text).toContain('&lt;!channel&gt;');
    expect(engine.freezing).toMatchObject({ actor: operator, reason: 'disk is "hot" <!channel> *now*' });
    await slack.say(OPERATOR, CHANNEL, '@storagebot unfreeze disk replaced');
    const released = await harness.shown('ended the freeze: disk replaced.');
    expect(released.visibleTo).toBeUndefined();
    expect(engine.freezing).toBeUndefined();
  });

  it('that the engine does not give to this person is answered to that person only', async () => {
    await using harness = await startHarness();
    await harness.slack.command(APPROVER, CHANNEL, '/storage freeze because I can');
    expect((await harness.shown('You may not freeze the bot.')).visibleTo).toBe(APPROVER);
    expect(harness.slack.messages(CHANNEL)).toEqual([]);
  });

  it('is not pulled without a reason, nor in a channel that is not allowed', async () => {
    await using harness = await startHarness({ allowedChannels: ['C0OTHER'] });
    await harness.slack.command(OPERATOR, CHANNEL, '/storage freeze disk is hot');
    await harness.shown('I do not take requests in this channel');
    await using other = await startHarness();
    await other.slack.command(OPERATOR, CHANNEL, '/storage freeze');
    await other.shown('Say why, so that others can judge it');
    expect([harness.engine.freezing, other.engine.freezing]).toEqual([undefined, undefined]);
  });

  it('has a sibling for one run: cancel, by words', async () => {
    await using harness = await startHarness();
    await ask(harness);
    await harness.slack.command(APPROVER, CHANNEL, '/storage cancel run1 wrong host');
    expect((await harness.shown('Cancelled. Nothing was changed.')).visibleTo).toBe(APPROVER);
    expect(harness.engine.cancelled).toMatchObject([{ run: 'run1', reason: 'wrong host', actor: { id: APPROVER } }]);
  });
});
