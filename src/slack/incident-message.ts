import { foundationKey, isSame, isShared } from '../core/foundation.ts';
import type { IncidentView } from '../core/incident.ts';
import type { IncidentExtras } from '../core/incident-ports.ts';
import type { Actor, Decision, RunView } from '../core/run.ts';
import {
  bold,
  code,
  context,
  decider,
  escaped,
  fallback,
  header,
  moment,
  mrkdwnMoment,
  paragraph,
  person,
  rich,
  words,
} from './blocks.ts';
import { chunked, onOwnLines } from './chunks.ts';
import type { Fitted, Piece } from './fit.ts';
import { fit } from './fit.ts';
import { incidentButtons } from './incident-buttons.ts';
import { memberLines } from './incident-lines.ts';
import { apart, heldPieces, namesAllApart } from './incident-muted.ts';
import type { Named } from './incident-words.ts';
import { causeWords, eachOnce, foundationWords, incidentSign } from './incident-words.ts';
import type { Message } from './message.ts';
import { oneLine, shortened } from './visible.ts';
import * as text from './words.ts';

/** The root message: more of one alert name is in the thread. */
const LISTED = { about: aboutName, lines: 2 };
const SUMMARY_MAX = 200;

/** The root message of an incident: its cause, where it stands, its alerts, what the last diagnosis found, and what people can do. */
export function renderIncident(whole: IncidentView, extras: IncidentExtras): Message & Pick<Fitted, 'complete'> {
  const view = { ...whole, members: eachOnce(whole.members) };
  const sign = incidentSign(view);
  const { told, held } = apart(view.members);
  const { blocks, complete } = fit({
    head: [header(causeWords(view)), rich(paragraph(bold(`${sign.mark} ${sign.words}`)))],
    pieces: [
      ...longCause(view),
      ...peoplePieces(view),
      ...(extras.notes ?? []).map((note) => ({ first: true, whole: [rich(paragraph(words(note)))] })),
      ...(extras.approvals ?? []).map(approvalPiece),
      ...diagnosisPieces(extras.diagnosis),
      ...guardPieces(view),
      ...clearedPieces(view),
      ...candidatePieces(view),
      ...chunked(memberLines(told, LISTED)),
      ...heldPieces(held, LISTED),
    ],
    tail: [context(smallPrint(view)), ...incidentButtons(view)],
    moved: [rich(paragraph(words('More than fits here: the messages and files of this thread hold all of it.')))],
  });
  return { text: fallback(incidentSummary(view)), blocks, complete: complete && namesAllApart(view.members, LISTED) };
}

/** One line for a notification and for a list. */
export function incidentSummary(view: IncidentView): string {
  return `${causeWords(view)}; ${incidentSign(view).words}`;
}

/** A header holds 150 characters. */
function longCause(view: IncidentView): Piece[] {
  const cause = causeWords(view);
  return cause.length <= 150 ? [] : [{ first: true, whole: [rich(paragraph(words(cause)))] }];
}

function peoplePieces({ acknowledged, taken, closed }: IncidentView): Piece[] {
  const lines = [
    ...(taken === undefined ? [] : [personLine('Looked after by ', taken)]),
    ...(acknowledged === undefined ? [] : [personLine('Acknowledged by ', acknowledged)]),
    ...(closed?.by === undefined ? [] : [personLine('Closed by ', { by: closed.by, at: closed.at })]),
  ];
  return lines.length === 0 ? [] : [{ first: true, whole: [rich(...onOwnLines(lines))] }];
}

function personLine(what: string, { by, at }: { by: Actor; at: number }) {
  return paragraph(bold(what), person(by), words(' since '), moment(at));
}

function approvalPiece({ round, step, actor }: Decision): Piece {
  return line(words(`Step ${round}.${step + 1} was approved by `), ...decider(actor), words(', not by a person.'));
}

function diagnosisPieces(run: RunView | undefined): Piece[] {
  if (run === undefined) return [line(bold('Diagnosis: '), words('not begun'))];
  const asked = `${text.requestWords(run)} (run ${run.id})`;
  const round = run.rounds.at(-1);
  const said = round === undefined ? text.runSigns[run.status].words : text.verdictWords(round);
  const findings = round?.diagnosis.findings ?? [];
  const waiting = run.rounds.flatMap(({ steps }) => steps.filter((step) => text.isOnOffer(run, step))).length;
  return [
    line(bold(`Diagnosis: ${said}`), words(` · `), code(asked)),
    ...(run.problem === undefined ? [] : [line(bold('Problem: '), words(run.problem))]),
    ...chunked(
      findings.map(({ code: name, subject, says }) => paragraph(words('✗ '), code(name), words(` ${subject}: ${says}`))),
    ),
    ...(waiting === 0
      ? []
      : [line(bold(`${text.count(waiting, 'step')} offered in this thread`), words(': nothing is changed before that.'))]),
  ];
}

function line(...elements: Parameters<typeof paragraph>): Piece {
  return { first: true, whole: [rich(paragraph(...elements))] };
}

/** Why nothing is offered for one volume: what all of them stand on is ill. */
function guardPieces({ cause, closed }: IncidentView): Piece[] {
  if (cause.because !== 'proved' || !isShared(cause) || closed !== undefined) return [];
  const why = `While the ${foundationWords(cause)} is ill, nothing is offered for single volumes or workloads that stand on it.`;
  return [{ first: true, whole: [rich(paragraph(words(why)))] }];
}

/** What was looked at for nothing; the cause itself is in the header. */
function clearedPieces({ cause, cleared = [] }: IncidentView): Piece[] {
  const others = cleared.filter((each) => !isSame(each, cause));
  if (others.length === 0) return [];
  const says = others.map((each) => `${foundationWords(each)}${each.wasIll ? ' (was ill before)' : ''}`).join(', ');
  return [line(bold('Looked at and well: '), words(says))];
}

function candidatePieces({ cause, candidates, closed }: IncidentView): Piece[] {
  const others = candidates.filter((candidate) => foundationKey(candidate) !== foundationKey(cause));
  if (cause.because === 'proved' || closed !== undefined || others.length === 0) return [];
  const says = others.slice(0, 12).map(foundationWords).join(', ');
  const more = others.length > 12 ? ` and ${others.length - 12} more` : '';
  return [{ whole: [rich(paragraph(bold('All its alerts stand on these too: '), words(`${says}${more}`)))] }];
}

function aboutName({ members, firing }: Named): string {
  const fires =
    firing === members.length ? `${firing} ${firing === 1 ? 'fires' : 'fire'}` : `${firing} of ${members.length} fire`;
  const [summary, ...others] = [...new Set(members.flatMap(({ annotations }) => annotations['summary'] ?? []))];
  if (summary === undefined || summary === '') return fires;
  return `${fires} (${others.length === 0 ? '' : 'such as '}${shortened(oneLine(summary), SUMMARY_MAX)})`;
}

function smallPrint({ id, openedAt, closed }: IncidentView): string {
  const end = closed === undefined ? '' : ` · closed ${mrkdwnMoment(closed.at)}`;
  return `incident ${escaped(id)} · opened ${mrkdwnMoment(openedAt)}${end}`;
}
