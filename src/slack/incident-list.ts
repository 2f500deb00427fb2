import type { IncidentView } from '../core/incident.ts';
import { bold, code, fallback, header, moment, paragraph, person, rich, words } from './blocks.ts';
import { chunked } from './chunks.ts';
import { fit } from './fit.ts';
import type { ListedAs } from './incident-lines.ts';
import { memberLines } from './incident-lines.ts';
import { apart, heldPieces } from './incident-muted.ts';
import { causeTitle, eachOnce, firingOf, incidentSign } from './incident-words.ts';
import type { Message } from './message.ts';
import { shortened } from './visible.ts';
import { count } from './words.ts';

/** All that are open, a line each. */
export function renderIncidents(views: readonly IncidentView[]): Message {
  const title = views.length === 0 ? 'No alert fires that is an incident' : `${count(views.length, 'incident')} open`;
  const { blocks } = fit({
    head: [header(title)],
    pieces: chunked(views.map((view) => incidentLine({ ...view, members: eachOnce(view.members) }))),
    tail: [],
    moved: [rich(paragraph(words('There are more than fit here: their messages are in the channel of the incidents.')))],
  });
  return { text: fallback(title), blocks };
}

/** Its message has the whole. */
const TITLE_MAX = 300;

function incidentLine(view: IncidentView) {
  const { mark, words: says } = incidentSign(view);
  const { taken, acknowledged, id, openedAt } = view;
  const who =
    taken !== undefined
      ? [words(' · looked after by '), person(taken.by)]
      : acknowledged === undefined
        ? [words(' · nobody has acknowledged it')]
        : [words(' · acknowledged by '), person(acknowledged.by)];
  return paragraph(
    bold(`${mark} ${shortened(causeTitle(view), TITLE_MAX)}`),
    words(` · ${says} · since `),
    moment(openedAt),
    ...who,
    words(' · '),
    code(id),
  );
}

const COUNTED: ListedAs = { about: ({ members }) => `${members.length}` };

/** One of them with all that fires now. */
export function renderFiring(view: IncidentView): Message {
  const sign = incidentSign(view);
  const { told, held } = apart(firingOf(view));
  const { blocks } = fit({
    head: [header(causeTitle(view)), rich(incidentLine(view))],
    pieces: [...chunked(memberLines(told, COUNTED)), ...heldPieces(held, COUNTED)],
    tail: [],
    moved: [rich(paragraph(words('There are more than fit here: the thread of the incident holds all of them.')))],
  });
  return { text: fallback(`${causeTitle(view)}: ${sign.words}`), blocks };
}
