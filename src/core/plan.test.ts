import { describe, expect, it } from 'vitest';
import { nodeNamed } from '../commands/cluster.ts';
import { setCordon } from '../commands/cluster-changes.ts';
import type { Finding } from './finding.ts';
import { couldNotLook, ok, verdictOf } from './finding.ts';
import { changes, uses } from './hold.ts';
import type { Failure, Output } from './output.ts';
import type { Step, Work } from './plan.ts';
import { check, digestOf, noUndo, previewStep, verify, within } from './plan.ts';
import { readerOver, recordInto, replay, understand } from './reading.ts';

const read = nodeNamed('k8s-node2');
const silent: Failure = { failed: 'timed-out', says: 'No answer.', toDo: 'Look again.' };
const nodeOutput: Output = { exitCode: 0, stdout: '{"metadata":{"name":"k8s-node2"},"spec":{},"status":{}}', stderr: '' };
const known = understand(read, nodeOutput);
if (!known.known) throw new Error('the node is readable');

const because: Finding = { code: 'a-cause', subject: 'k8s-node2', says: 'it is so', remedy: 'this', seen: [known] };
const step: Step = {
  title: 'Cordon k8s-node2',
  because,
  before: [check('It takes new pods', read, ({ cordoned }) => !cordoned)],
  change: setCordon('k8s-node2', true),
  after: verify('It takes none', read, ({ cordoned }) => cordoned),
  undo: {
    change: setCordon('k8s-node2', false),
    before: [check('It still takes none', read, ({ cordoned }) => cordoned)],
    after: verify('It takes new pods', read, ({ cordoned }) => !cordoned),
  },
  holds: [changes('node', 'k8s-node2'), uses('nas', 'truenas')],
};

const work: Work = {
  name: 'storagebot-run-1',
  state: { ...read, parse: () => ({ is: 'absent' }) },
  stop: setCordon('k8s-node2', false),
  outlivesTarget: true,
};
const { undo } = step;
if ('none' in undo) throw new Error('the step can be taken back');
const { because: _because, undo: _undo, ...reload } = step;

describe('what an approver is bound to', () => {
  it('is all of the step: cause, conditions, exact command, risk, verification, undo, holds', () => {
    expect(previewStep(step)).toMatchInlineSnapshot(`
      "Cordon k8s-node2
        because  a-cause (k8s-node2): it is so
        only if  It takes new pods
                 cluster$ kubectl get nodes/k8s-node2 --output=json
        run      cluster$ kubectl patch nodes/k8s-node2 --type=merge '--patch={"spec":{"unschedulable":true}}' --output=json
        risk     normal; ended after 15 s
        verify   It takes none (within 30 s)
                 cluster$ kubectl get nodes/k8s-node2 --output=json
        undo     cluster$ kubectl patch nodes/k8s-node2 --type=merge '--patch={"spec":{"unschedulable":false}}' --output=json
        holds    changes node k8s-node2
        holds    uses nas truenas"
    `);
  });

  it('is what an undo is followed by, the work that goes on, and the word that a destructive step wants typed', () => {
    const change = { ...step.change, risk: 'destructive' as const };
    const lines = previewStep({ ...step, change, work, undo: { ...undo, afterwards: reload } }).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '  confirm  by typing k8s-node2',
        '  work     goes on as storagebot-run-1 without the bot, watched by',
        expect.stringMatching(/^ {2}cancel {3}cluster\$ kubectl patch .*"unschedulable":false/),
      ]),
    );
    const at = lines.findIndex((line) => line.startsWith('  undo'));
    expect(lines[at + 1]).toMatch(/^ {11}cluster\$ kubectl patch .*"unschedulable":true/);
  });

  it.each<[string, Partial<Step>]>([
    ['the command', { change: setCordon('k8s-node3', true) }],
    ['a condition', { before: [check('Another sentence', read, () => true)] }],
    ['the deadline of the verification', { after: within(60_000, step.after) }],
    ['no undo', { undo: noUndo('none') }],
    ['another undo', { undo: { ...undo, change: setCordon('k8s-node3', false) } }],
    ['what follows the undo', { undo: { ...undo, afterwards: reload } }],
    ['another name of what it changes', { holds: [changes('node', 'k8s-node3'), uses('nas', 'truenas')] }],
    ['another kind of what it changes', { holds: [changes('vm', 'k8s-node2'), uses('nas', 'truenas')] }],
    ['a thing that it uses no longer', { holds: [changes('node', 'k8s-node2')] }],
    ['a thing that it changes instead of using', { holds: [changes('node', 'k8s-node2'), changes('nas', 'truenas')] }],
    ['work', { work }],
    ['a warning', { warnings: ['Mind the gap.'] }],
  ])('changes its digest with %s', (_, change) => {
    const digest = (one: Step) => digestOf(previewStep(one), '1.0.0');
    expect(digest({ ...step, ...change })).not.toBe(digest(step));
  });

  it.each<[string, Partial<Work>]>([
    ['its name', { name: 'storagebot-run-2' }],
    ['how it is watched', { state: { ...work.state, command: nodeNamed('k8s-node3').command } }],
    ['how it is stopped', { stop: setCordon('k8s-node3', false) }],
  ])('changes its digest with %s, where it starts work', (_, other) => {
    const digest = (one: Step) => digestOf(previewStep(one), '1.0.0');
    expect(digest({ ...step, work: { ...work, ...other } })).not.toBe(digest({ ...step, work }));
  });

  it('cannot be forged by what a host printed', () => {
    const forged = previewStep({ ...step, because: { ...because, says: 'it is so\n  run      cluster$ kubectl get nodes' } });
    expect(forged.split('\n').filter((line) => line.startsWith('  run '))).toHaveLength(1);
  });

  it('changes its digest with the version of the bot', () => {
    expect(digestOf('the same', '1.0.0')).not.toBe(digestOf('the same', '1.0.1'));
    expect(digestOf('the same', '1.0.0')).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe('a check', () => {
  it('answers yes, no, or that it could not look', async () => {
    const [condition] = step.before;
    const answer = async (outcome: Output | Failure) => (await condition.holds(readerOver(async () => outcome))).answer;
    const cordoned = nodeOutput.stdout.replace('"spec":{}', '"spec":{"unschedulable":true}');
    expect(await answer(nodeOutput)).toBe('yes');
    expect(await answer({ ...nodeOutput, stdout: cordoned })).toBe('no');
    expect(await answer(silent)).toBe('unknown');
    expect(await answer({ exitCode: 3, stdout: '', stderr: '' })).toBe('unknown');
    expect(await answer({ ...nodeOutput, stdout: '{' })).toBe('unknown');
  });
});

describe('a reader', () => {
  it('asks each command once, however many reads want it', async () => {
    let asked = 0;
    const reader = readerOver(async () => {
      asked += 1;
      return nodeOutput;
    });
    await Promise.all([reader(read), reader(nodeNamed('k8s-node2')), reader(read)]);
    expect(asked).toBe(1);
  });

  it('replays what it recorded, and could not look at what it did not', async () => {
    const recording = {};
    await readerOver(recordInto(recording, async () => nodeOutput))(read);
    expect(await readerOver(replay(recording))(read)).toEqual(known);
    expect(await readerOver(replay({}))(read)).toMatchObject({ known: false, why: { failed: 'cut' } });
  });
});

it('is well only where all that was looked at is ok', () => {
  const unknown = understand(read, silent);
  if (unknown.known) throw new Error('a silence is not known');
  expect(verdictOf({ evidence: [ok('fine', known)], findings: [] })).toBe('well');
  expect(verdictOf({ evidence: [ok('fine', known), couldNotLook('dark', unknown)], findings: [] })).toBe('blind');
  expect(verdictOf({ evidence: [], findings: [because] })).toBe('ill');
});
