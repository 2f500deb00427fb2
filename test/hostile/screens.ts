import { describe, expect, test, vi } from 'vitest';
import { systemTerminal } from '../../src/cli/terminal.ts';
import { show } from '../../src/core/command.ts';
import { bad, couldNotLook, ok } from '../../src/core/finding.ts';
import { previewStep } from '../../src/core/plan.ts';
import type { RunView } from '../../src/core/run.ts';
import { createLog } from '../../src/log.ts';
import { isSlackUser } from '../../src/slack/blocks.ts';
import { partsOf } from '../../src/slack/connection/parts.ts';
import { ended, episodeOf, incidentOf } from '../../src/slack/fixtures/incident-view.ts';
import { finding, known, offered, roundOf, stepOf, unknown, viewOf } from '../../src/slack/fixtures/run-view.ts';
import { renderFiring, renderIncidents } from '../../src/slack/incident-list.ts';
import { renderIncident } from '../../src/slack/incident-message.ts';
import { renderNews } from '../../src/slack/incident-thread.ts';
import type { Message } from '../../src/slack/message.ts';
import { plainJson } from '../../src/text/json.ts';
import { renderRunText } from '../../src/text/run-text.ts';
import { portion } from '../depth.ts';
import { validateMessage } from '../lab/slack/blocks.ts';
import { fc, seed } from '../seed.ts';
import type { Count } from './count.ts';
import { corpus, hostileText, hugeText } from './texts.ts';

const RUNS = portion(400);

/** What a terminal obeys, what turns text around, and what nobody sees. */
const UNSEEN = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

/** Places in a run where foreign text stands. */
const PLACES = 14;

export function hostileScreens(count: Count): void {
  describe('a run full of hostile texts', () => {
    const texts = fc.array(hostileText, { minLength: PLACES, maxLength: PLACES });
    const oneHuge = fc.tuple(texts, hugeText, fc.nat(PLACES - 1)).map(([all, huge, at]) => all.with(at, huge));
    const views = fc.oneof({ weight: 60, arbitrary: texts }, { weight: 1, arbitrary: oneHuge }).map(viewWith);
    const everyView = (judge: (view: RunView) => void) => {
      const property = fc.property(views, (view) => {
        count.add('screens', PLACES);
        judge(view);
      });
      fc.assert(property, { numRuns: RUNS, seed });
    };

    test('breaks no message in Slack, and calls nobody, links nowhere, formats nothing and hides nothing in it', () => {
      everyView((view) => {
        const messages = partsOf(view).flatMap((part) => (part.kind === 'message' ? [part.message] : []));
        expect(messages.flatMap(wrongsIn)).toEqual([]);
      });
    });

    test('forges no line of what an approver reads', () => {
      everyView((view) => {
        const harmless = lines(previewStep(stepIn(viewWith(Array(PLACES).fill('word')))));
        const read = lines(previewStep(stepIn(view)));
        expect(read.map(label)).toEqual(harmless.map(label));
        expect(read).toContain(`  run      ${show(stepIn(view).change.command)}`);
      });
    });

    test('prints as text in which a terminal has nothing to obey', () => {
      everyView((view) => expect(renderRunText(view)).not.toMatch(UNSEEN));
    });

    test('prints as JSON of the same value, and a terminal has nothing to obey in it either', () => {
      everyView((view) => {
        const json = plainJson(view, 2);
        expect(json).not.toMatch(UNSEEN);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(view)));
      });
    });
  });

  test('alerts full of hostile texts break no message of their incident, and call nobody, link nowhere and hide nothing in it', () => {
    const texts = fc.array(fc.oneof({ weight: 60, arbitrary: hostileText }, { weight: 1, arbitrary: hugeText }), {
      minLength: 8,
      maxLength: 8,
    });
    const property = fc.property(texts, (all) => {
      count.add('screens', all.length);
      expect(incidentMessages(all).flatMap(wrongsIn)).toEqual([]);
    });
    fc.assert(property, { numRuns: RUNS, seed });
  });

  test('a hostile text in the log stays within its line of JSON', () => {
    const property = fc.property(fc.oneof({ weight: 99, arbitrary: hostileText }, hugeText), (text) => {
      count.add('screens');
      const written: string[] = [];
      createLog({ secrets: () => [], write: (line) => written.push(line) }).warn({ text, error: new Error(text) }, text);
      expect(written.join('').split(/[\n\r\u0085\u2028\u2029]/u)).toEqual([written.join('').trimEnd(), '']);
      expect(written.join('')).not.toMatch(UNSEEN);
      expect(JSON.parse(written.join(''))).toMatchObject({ text: text, msg: text });
    });
    fc.assert(property, { numRuns: portion(2_000), seed });
  });

  test('a hostile text that the command line tells a person moves no cursor', () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    for (const text of corpus) systemTerminal().note(`a${text}b`);
    expect(write.mock.calls.map(([text]) => String(text)).filter((text) => UNSEEN.test(text))).toEqual([]);
    expect(write).toHaveBeenCalledTimes(corpus.length);
  });
}

/** A run with an offer and a step that has ended; each text in a place of its own. */
function viewWith(texts: readonly string[]): RunView {
  const text = (place: number): string => texts[place] ?? '';
  const output = { stdout: text(0), stderr: text(1) };
  const seen = known('nas$ exportfs -v', output);
  const because = { ...finding, subject: text(2), says: text(3), remedy: text(4), doNot: text(5), seen: [seen] } as const;
  const why = { failed: 'unreadable', says: text(6), toDo: text(7) } as const;
  const unseen = { ...unknown('nas$ cat /etc/exports'), why, outcome: why };
  const step = { ...stepOf({ because, title: text(8) }), warnings: [text(9)] };
  const actor = { id: text(12), name: text(13) };
  const word = { actor, reason: text(9), at: 0 };
  const denied = { ...word, run: 'r1', round: 1, step: 1, digest: offered.digest, verdict: 'deny' } as const;
  const offer = { ...offered, warned: true, progress: text(0) };
  const done = {
    ...offered,
    status: 'denied',
    decisions: [denied],
    detail: text(10),
    output: { exitCode: 1, ...output },
  } as const;
  const diagnosis = { evidence: [ok(text(3), seen), bad(text(6), seen), couldNotLook(text(7), unseen)], findings: [because] };
  return viewOf({
    arguments: [text(11)],
    requester: actor,
    frozen: word,
    cancelled: word,
    rounds: [roundOf({ diagnosis, plan: { steps: [step, step] }, steps: [offer, done], changes: [text(10)] })],
    problem: text(5),
  });
}

/** An incident in every form in which it is shown; each text in a place of its own. */
function incidentMessages([
  name = '',
  namespace = '',
  pod = '',
  summary = '',
  foundation = '',
  id = '',
  person = '',
  note = '',
]: string[]) {
  const alert = { name, labels: { namespace, pod, severity: pod }, annotations: { summary } };
  const members = [episodeOf(1, alert), ended(episodeOf(2, alert)), episodeOf(3, { labels: { node: namespace } })];
  const by = { by: { id, name: person }, at: 0 };
  const view = incidentOf({
    members,
    cause: { kind: 'claim', name: foundation, because: 'shared' },
    candidates: [{ kind: 'node', name: note }],
    taken: by,
    acknowledged: by,
  });
  const closed = incidentOf({ ...view, closed: { ...by, because: 'closed' } });
  const news = { joined: members, again: members, ended: members, closed: true };
  return [
    renderIncident(view, { notes: [note] }),
    renderIncident(closed, {}),
    renderNews(closed, news, 1),
    renderIncidents([view, closed]),
    renderFiring(view),
  ];
}

function stepIn({ rounds }: RunView) {
  const plan = rounds[0]?.plan;
  if (plan === undefined || 'stop' in plan) throw new Error('the run has a step');
  return plan.steps[0];
}

/** Lines as the most generous reader would part them. */
function lines(text: string): string[] {
  return text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/u);
}

/** The first line is the title. */
function label(line: string, index: number): string {
  return index === 0 ? '' : line.slice(0, 11);
}

function wrongsIn({ text, blocks }: Message): readonly unknown[] {
  const taken = validateMessage(blocks);
  return [
    ...(taken.ok ? [] : taken.messages),
    ...(/[<>]/.test(text) ? [text] : []),
    ...[text, ...nodesIn(blocks)].filter(isWrong),
  ];
}

/** In rich text and plain text every character stands for itself; mrkdwn is escaped but for our dates. */
function isWrong(node: unknown): boolean {
  if (typeof node === 'string') return UNSEEN.test(node);
  if (typeof node !== 'object' || node === null || !('type' in node)) return false;
  if (node.type === 'mrkdwn' && 'text' in node) return /[<>]/.test(`${node.text}`.replaceAll(OUR_DATE, ''));
  if (node.type === 'plain_text') return !('emoji' in node) || node.emoji !== false;
  if (node.type === 'user' && 'user_id' in node) return !isSlackUser(`${node.user_id}`);
  return ['link', 'broadcast', 'usergroup', 'channel', 'emoji', 'image', 'markdown'].includes(`${node.type}`);
}

const OUR_DATE = /<!date\^\d+\^[{}\w ]+\|[\w:.-]+>/g;

function nodesIn(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(nodesIn)] : [value];
}
