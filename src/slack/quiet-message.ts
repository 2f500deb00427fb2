import type { IncidentView } from '../core/incident.ts';
import type { QuietSummary } from '../core/maintenance.ts';
import { bold, fallback, header, moment, paragraph, rich, words } from './blocks.ts';
import { chunked } from './chunks.ts';
import { fit } from './fit.ts';
import { causeTitle, eachOnce, incidentSign } from './incident-words.ts';
import type { Message } from './message.ts';
import { count } from './words.ts';

/** All that was held back in quiet hours, in one message: what is still open first. */
export function renderQuietEnd({ since, until, incidents }: QuietSummary): Message {
  const open = incidents.filter(({ closed }) => closed === undefined);
  const over = incidents.filter(({ closed }) => closed !== undefined);
  const alerts = incidents.reduce((sum, { members }) => sum + eachOnce(members).length, 0);
  const title = `Quiet hours are over: ${count(alerts, 'alert')} in ${count(incidents.length, 'incident')}, ${open.length} still open`;
  const threads =
    open.length === 0 ? 'None of them needs anybody any more.' : 'Each that is still open follows with its own thread.';
  const { blocks } = fit({
    head: [
      header(title),
      rich(paragraph(words('Held back from '), moment(since), words(' to '), moment(until), words(`. ${threads}`))),
    ],
    pieces: chunked([...open, ...over].map(line)),
    tail: [],
    moved: [rich(paragraph(words('More than fits here. Type /storage incidents for what is still open.')))],
  });
  return { text: fallback(title), blocks };
}

function line(view: IncidentView) {
  const { mark, words: state } = incidentSign(view);
  return paragraph(words(`${mark} `), bold(causeTitle(view)), words(`: ${state}`));
}
