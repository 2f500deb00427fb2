import { type Episode, severityOf } from '../core/alert.ts';
import type { IncidentView } from '../core/incident.ts';
import { bold, context, escaped, fallback, header, paragraph, person, rich, words } from './blocks.ts';
import { chunked } from './chunks.ts';
import type { Fitted, Piece } from './fit.ts';
import { fit } from './fit.ts';
import { memberLines } from './incident-lines.ts';
import { apart, countHeld, heldPieces, mutedWords } from './incident-muted.ts';
import type { Named } from './incident-words.ts';
import { eachOnce, firingOf, subjectWords } from './incident-words.ts';
import type { Message, TextFile } from './message.ts';
import { fileName } from './message.ts';
import { oneLine } from './visible.ts';
import { count, instant } from './words.ts';

/** What became of an incident's alerts since its thread was last told. */
export interface News {
  /** True for the alerts with which it began, where its root message has no room for all of them. */
  readonly isStart?: boolean;
  readonly joined: readonly Episode[];
  /** Told as ended before. */
  readonly again: readonly Episode[];
  readonly ended: readonly Episode[];
  /** Why it is not over although none of its alerts fires. */
  readonly doubt?: string;
  /** That it was closed. */
  readonly closed: boolean;
}

/** One message for all that came together, however much that is. */
export function renderNews(view: IncidentView, news: News, number: number): Message & Pick<Fitted, 'complete'> {
  const title = newsTitle(view, news);
  const joined = apart(news.joined);
  const { blocks, complete } = fit({
    head: [header(title)],
    pieces: [
      ...closedPieces(view, news),
      ...(news.doubt === undefined ? [] : [plain(words(news.doubt))]),
      ...listPieces('Joined:', joined.told, firesWords),
      ...heldPieces(joined.held, { about: firesWords }),
      ...listPieces('Fire again:', news.again, countWords),
      ...listPieces('Ended:', news.ended, countWords),
    ],
    tail: [context(`incident ${escaped(view.id)}`)],
    moved: [
      rich(paragraph(words('More than fits here: all of it is in the file '), words(newsFileName(view, number), { code: true }))),
    ],
  });
  return { text: fallback(title), blocks, complete };
}

/** Every alert of the news on a line of its own. */
export function renderNewsFile(view: IncidentView, news: News, number: number): TextFile {
  const part = (title: string, members: readonly Episode[]) =>
    members.length === 0 ? [] : [`${title}:`, ...members.map(memberText), ''];
  const { joined, again, ended } = news;
  const lines = [...part('Joined', joined), ...part('Fire again', again), ...part('Ended', ended)];
  return {
    name: newsFileName(view, number),
    title: newsTitle(view, news),
    content: `Incident ${view.id}\n\n${lines.join('\n')}`,
  };
}

function newsFileName({ id }: IncidentView, number: number): string {
  return fileName(id, `alerts-${number}`);
}

function newsTitle(view: IncidentView, { isStart, joined, again, ended, doubt, closed }: News): string {
  if (closed) return 'The incident is closed';
  if (doubt !== undefined) return 'None of its alerts fires, and that proves nothing now';
  if (isStart === true) return `It began with ${count(joined.length, 'alert')}`;
  const parts = [
    ...(joined.length === 0 ? [] : [joinedWords(joined)]),
    ...(again.length === 0 ? [] : [`${again.length} ${again.length === 1 ? 'fires' : 'fire'} again`]),
    ...(ended.length === 0 ? [] : [`${ended.length} ended`]),
  ];
  const firing = firingOf(view).length;
  const left = firing === 0 ? 'none fires now' : `${count(firing, 'alert')} ${firing === 1 ? 'fires' : 'fire'} now`;
  return `${parts.join(', ')}: ${left}`;
}

function joinedWords(joined: readonly Episode[]): string {
  const held = countHeld(joined);
  return held === 0 ? `${joined.length} joined` : `${joined.length} joined (${held} of them held back in Alertmanager)`;
}

function closedPieces({ closed, members }: IncidentView, news: News): Piece[] {
  if (!news.closed || closed === undefined) return [];
  if (closed.into !== undefined)
    return [
      plain(
        words(`It has the same cause as incident ${closed.into}: its alerts are listed there, and all that comes is told there.`),
      ),
    ];
  if (closed.because === 'all-ended') return [plain(words(`All its alerts have ended (${eachOnce(members).length}).`))];
  const firing = members.filter(({ endsAt }) => endsAt === undefined);
  const by = closed.by === undefined ? [] : [bold('Closed by '), person(closed.by), words('. ')];
  return [plain(...by, words(firing.length === 0 ? 'None of its alerts fires.' : stillWords(firing)))];
}

/** Whoever reads this later must see what was left burning. */
function stillWords(firing: readonly Episode[]): string {
  const critical = firing.filter((each) => severityOf(each) === 'critical').length;
  const worst = critical === 0 ? '' : ` (${critical} critical)`;
  const fire = firing.length === 1 ? 'alert of it still fires' : 'alerts of it still fire';
  return `${firing.length} ${fire}${worst}, and nobody is told of that again.`;
}

function plain(...elements: Parameters<typeof paragraph>): Piece {
  return { first: true, whole: [rich(paragraph(...elements))] };
}

function listPieces(title: string, members: readonly Episode[], about: (named: Named) => string): Piece[] {
  if (members.length === 0) return [];
  return [{ whole: [rich(paragraph(bold(title)))] }, ...chunked(memberLines(members, { about }))];
}

function firesWords({ members, firing }: Named): string {
  return firing === members.length ? `${members.length}` : `${members.length} (${members.length - firing} ended already)`;
}

function countWords({ members }: Named): string {
  return `${members.length}`;
}

function memberText(member: Episode): string {
  const { name, startsAt, endsAt, annotations, muted } = member;
  const held = muted === undefined ? '' : `, held back in Alertmanager: ${mutedWords(muted)}`;
  const end = endsAt === undefined ? held : `, ended ${instant(endsAt)}`;
  const summary = annotations['summary'] === undefined ? '' : `: ${oneLine(annotations['summary'])}`;
  return `  ${[oneLine(name), oneLine(subjectWords(member))].join(' ').trim()}, since ${instant(startsAt)}${end}${summary}`;
}
