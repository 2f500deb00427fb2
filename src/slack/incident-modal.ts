import type { InputBlock, ModalView, PlainTextOption } from '@slack/types';
import type { Alert } from '../core/alert.ts';
import type { Matchers } from '../core/alertmanager.ts';
import type { IncidentView } from '../core/incident.ts';
import { digestOf } from '../core/plan.ts';
import { bold, paragraph, preformatted, rich, words } from './blocks.ts';
import type { Piece } from './fit.ts';
import { fit } from './fit.ts';
import { ALL_OF_IT, othersMuted, SILENCE_FOR, silenceable, silenceLine, silencesFor } from './incident-silence.ts';
import { byName, causeTitle, subjectWords } from './incident-words.ts';
import type { AnswerPlace } from './modal-target.ts';
import { REASON } from './modals.ts';
import { oneLine, shortened } from './visible.ts';
import { count } from './words.ts';

export const SILENCE_VIEW = 'storagebot:incident-silence-view';

/** Blocks and actions of its two choices. */
export const WHAT = 'what';
export const HOW_LONG = 'how-long';

export interface SilenceTarget extends AnswerPlace {
  readonly incident: string;
  /** A hash of what the window shows that each choice silences; empty where it does not show all of it. */
  readonly shown: string;
}

const OPTION_TEXT = 75;
const OPTION_VALUE = 150;
const NAMES = 30;
/** Longer ones stand in Alertmanager, and nobody reads them there. */
const MAX_COMMENT = 200;

/** Whether the window that a person filled in shows what its choices mean now. */
export function wasRead(view: IncidentView, { shown }: SilenceTarget): boolean {
  return shown !== '' && shown === meaningOf(view);
}

function meaningOf(view: IncidentView): string {
  const lines = choicesOf(view).map(({ value, silences }) => [value, ...silences.map(silenceLine)]);
  return digestOf(JSON.stringify(lines), view.id);
}

/** False where Alertmanager has nothing of it that can be silenced. */
export function canSilence(view: IncidentView): boolean {
  return choicesOf(view).some(({ silences }) => silences.length > 0);
}

/** What fires now, as Alertmanager says it; undefined where it does not say. */
export type FiringNow = readonly Alert[] | undefined;

/** Shows what can be silenced with exactly these labels and whom else that mutes, and asks what of it, for how long and why. */
export function silenceModal(view: IncidentView, place: AnswerPlace, firing: FiringNow): ModalView {
  const choices = choicesOf(view);
  const { blocks, complete } = fit({
    head: [
      rich(paragraph(bold(shortened(oneLine(causeTitle(view)), 300)), words(` · incident ${view.id}`))),
      rich(MEANS),
      ...(firing === undefined ? [rich(UNSEEN)] : []),
    ],
    pieces: choices.filter(({ value }) => value !== ALL_OF_IT).map((choice) => choicePiece(choice, view, firing)),
    tail: [
      select(
        WHAT,
        'What',
        offered(choices).map((choice) => option(choice.value, `${choice.text}${othersOf(choice, view, firing).short}`)),
      ),
      select(
        HOW_LONG,
        'For how long',
        SILENCE_FOR.map(([value, text]) => option(value, text)),
      ),
      reasonInput(),
    ],
    moved: [rich(paragraph(words('More than fits here: the run in the thread shows it, and waits for an approval.')))],
  });
  const target: SilenceTarget = { incident: view.id, shown: complete && showsAll(view) ? meaningOf(view) : '', ...place };
  return {
    type: 'modal',
    callback_id: SILENCE_VIEW,
    private_metadata: JSON.stringify(target),
    title: { type: 'plain_text', text: 'Silence these alerts?', emoji: false },
    submit: { type: 'plain_text', text: 'Silence', emoji: false },
    close: { type: 'plain_text', text: 'Not now', emoji: false },
    blocks: [...blocks],
  };
}

const UNSEEN = paragraph(
  words('Alertmanager does not say what else fires now and would be muted too: the run in the thread waits for an approval.'),
);

const MEANS = paragraph(
  words(
    'Alertmanager gets a silence in your name for what has these labels, also for what begins to fire with them. What is wrong stays wrong.',
  ),
);

interface Choice {
  readonly value: string;
  readonly text: string;
  readonly silences: readonly Matchers[];
}

function choicesOf(view: IncidentView): readonly Choice[] {
  const alerts = silenceable(view);
  const single = byName(alerts)
    .slice(0, NAMES)
    .filter(({ name }) => name.length <= OPTION_VALUE)
    .map(({ name, members }) => ({ value: name, text: `${shortened(name, 50)} (${members.length})` }));
  const all = { value: ALL_OF_IT, text: `The whole incident: ${count(alerts.length, 'alert')}` };
  const choices = [all, ...single].map((choice) => ({ ...choice, silences: silencesFor(view, choice.value) }));
  const some = choices.filter(({ silences }) => silences.length > 0);
  return some.length === 0 ? choices.slice(0, 1) : some;
}

/** Of a single name its own choice would be the same again. */
function offered(choices: readonly Choice[]): readonly Choice[] {
  return choices.length === 2 ? choices.slice(0, 1) : choices;
}

function showsAll(view: IncidentView): boolean {
  return choicesOf(view).length === byName(silenceable(view)).length + 1;
}

/** Under its name what each silence is for. */
function choicePiece(choice: Choice, view: IncidentView, firing: FiringNow): Piece {
  const lines = choice.silences.map(silenceLine).join('\n');
  return { whole: [rich(paragraph(bold(choice.text), words(othersOf(choice, view, firing).long)), preformatted(lines))] };
}

/** `+2 others`: what fires now, is none of the incident's, and would be muted. */
function othersOf(
  { silences }: Choice,
  view: IncidentView,
  firing: FiringNow = [],
): { readonly short: string; readonly long: string } {
  const others = othersMuted(silences, view, firing);
  if (others.length === 0) return { short: '', long: '' };
  const short = ` +${count(others.length, 'other')}`;
  const such = others.slice(0, 3).map((alert) => shortened(oneLine(`${alert.name} ${subjectWords(alert)}`.trim()), 100));
  const more = others.length > such.length ? ', …' : '';
  return {
    short,
    long: `${short} that ${others.length === 1 ? 'fires now and is' : 'fire now and are'} not of this incident: ${such.join(', ')}${more}. The run in the thread waits for an approval.`,
  };
}

function option(value: string, text: string): PlainTextOption {
  return { value, text: { type: 'plain_text', text: shortened(text, OPTION_TEXT), emoji: false } };
}

function select(id: string, label: string, options: readonly PlainTextOption[]): InputBlock {
  const [first] = options;
  return {
    type: 'input',
    block_id: id,
    label: { type: 'plain_text', text: label, emoji: false },
    element: {
      type: 'static_select',
      action_id: id,
      options: [...options],
      ...(first === undefined ? {} : { initial_option: first }),
    },
  };
}

function reasonInput(): InputBlock {
  return {
    type: 'input',
    block_id: REASON,
    optional: true,
    label: { type: 'plain_text', text: 'Why', emoji: false },
    hint: { type: 'plain_text', text: 'It stands in Alertmanager as the comment of the silence.', emoji: false },
    element: { type: 'plain_text_input', action_id: REASON, max_length: MAX_COMMENT },
  };
}
