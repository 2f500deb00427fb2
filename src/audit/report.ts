import { renderOutput } from '../slack/outputs.ts';
import { actorWords, instant } from '../slack/words.ts';
import { type Proof, proofsOf, type Recorded } from './evidence.ts';
import { type Entry, entriesOf, type Known } from './history.ts';
import { fence, prose, table } from './markdown.ts';
import type { RunRecord } from './timeline.ts';
import { count, entryWords, originWords, stepName } from './words.ts';

/** A run as a post-mortem in Markdown. Whatever hosts and people wrote stays text in it. */
export function renderReport(record: RunRecord): string {
  const { run, entries } = record;
  const sections = [
    `# Post-mortem of run ${prose(run)}`,
    '## Summary',
    summary(record).join('\n'),
    '## Timeline',
    table(
      ['Time (UTC)', 'Seq', 'What happened'],
      entries.map((entry) => [instant(entry.at), `${entry.seq}`, entryWords(entry)]),
    ),
    '## Evidence',
    ...entriesOf(entries, 'looked').flatMap((looked) => evidenceOf(looked, record)),
    '## Steps',
    ...stepsIn(entries),
  ];
  return `${sections.join('\n\n')}\n`;
}

function summary({ entries, standing }: RunRecord): string[] {
  const looks = entriesOf(entries, 'looked');
  return [
    ...entriesOf(entries, 'asked').map(({ at, event }) =>
      item(
        'Asked',
        `${[event.runbook, ...event.arguments].join(' ')}, by ${actorWords(event.requester)} ${originWords(event.origin)}, ${instant(at)}`,
      ),
    ),
    ...listed('What was wrong', wrongIn(looks[0]), 'nothing was found to be wrong'),
    ...listed('What was changed', changesIn(entries), 'nothing was changed'),
    ...listed('Approved by', approvalsIn(entries), 'nobody'),
    ...listed('Result', resultOf(entries, looks), 'the run has not ended'),
    item('Audit trail', standing.says),
    ...standing.problems.map((problem) => `  - ${prose(problem)}`),
  ];
}

function item(label: string, text: string): string {
  return `- **${label}:** ${prose(text)}`;
}

function listed(label: string, texts: readonly string[], none: string): string[] {
  if (texts.length === 0) return [item(label, `${none}.`)];
  return [`- **${label}:**`, ...texts.map((text) => `  - ${prose(text)}`)];
}

function wrongIn(look: Known<'looked'> | undefined): string[] {
  return (look?.event.findings ?? []).map(({ code, subject, says }) => `${code} (${subject}): ${says}`);
}

/** Each step whose change was sent, and how it ended. */
function changesIn(entries: readonly Entry[]): string[] {
  const moves = entriesOf(entries, 'step').map(({ event }) => event);
  return moves.flatMap((sent) => {
    if (sent.to !== 'started') return [];
    const last = moves.findLast(({ round, step }) => round === sent.round && step === sent.step);
    return [`Step ${stepName(sent)}, ${last?.to ?? sent.to}: ${sent.command ?? 'the command was not written down'}`];
  });
}

function approvalsIn(entries: readonly Entry[]): string[] {
  return entriesOf(entries, 'decided').flatMap(({ at, event }) => {
    const { actor, verdict, digest } = event.decision;
    return verdict === 'approve' ? [`${actorWords(actor)}: step ${stepName(event)}, digest ${digest}, ${instant(at)}`] : [];
  });
}

function resultOf(entries: readonly Entry[], looks: readonly Known<'looked'>[]): string[] {
  const ends = entriesOf(entries, 'ended').map((entry) => `${entryWords(entry)} ${instant(entry.at)}`);
  const left = wrongIn(looks.at(-1));
  const isNew = looks.length > 1;
  if (ends.length === 0 || !isNew) return ends;
  return [...ends, `The last look (round ${looks.length}) found ${count(left.length, 'thing')} wrong.`, ...left];
}

function evidenceOf(looked: Known<'looked'>, recorded: Recorded): string[] {
  const { round, findings, evidence } = looked.event;
  const proofs = proofsOf(looked, recorded);
  return [
    `### Look of round ${round}, ${instant(looked.at)}`,
    table(
      ['Verdict', 'What', 'Proof'],
      [
        ...findings.map(({ code, subject, says, proof }) => ['wrong', `${code} (${subject}): ${says}`, numbersOf(proof, proofs)]),
        ...evidence.map(({ status, says, proof }) => [status, says, numbersOf(proof, proofs)]),
      ],
    ),
    ...proofs.flatMap((proof, index) => proofText(proof, `${round}.${index + 1}`)),
  ];
}

function numbersOf(lines: readonly string[], proofs: readonly Proof[]): string {
  return lines.map((line) => `${proofs.findIndex((proof) => proof.line === line) + 1}`).join(', ');
}

function proofText({ line, text, isSealed }: Proof, name: string): string[] {
  const doubt = isSealed ? [] : ['This is **not** what the audit trail has sealed.'];
  return [`#### Output ${name}`, ...doubt, fence(`${line}\n\n${text}`)];
}

function stepsIn(entries: readonly Entry[]): string[] {
  const steps = entriesOf(entries, 'planned').flatMap(({ event }) =>
    event.steps.flatMap(({ preview, digest, risk }, step) => [
      `### Step ${stepName({ round: event.round, step })}`,
      `Digest ${prose(digest)}, risk ${prose(risk)}. Exactly as it was approved or offered:`,
      fence(preview),
      ...storyOf(entries, { round: event.round, step }),
    ]),
  );
  return steps.length === 0 ? ['No step was planned.'] : steps;
}

/** What happened to one step, with the exact command and all that it printed. */
function storyOf(entries: readonly Entry[], of: { readonly round: number; readonly step: number }): string[] {
  return entries.flatMap((entry) => {
    const { event } = entry;
    if (event === undefined || !('step' in event) || event.round !== of.round || event.step !== of.step) return [];
    const command = 'command' in event && event.command !== undefined ? [fence(event.command)] : [];
    const output = 'output' in event && event.output !== undefined ? [fence(renderOutput(event.output))] : [];
    return [`- ${instant(entry.at)} (seq ${entry.seq}): ${prose(entryWords(entry))}`, ...command, ...output];
  });
}
