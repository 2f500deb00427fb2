import type { PostedMessage } from '../core/incident-ports.ts';

export interface ToldAlert {
  /** The name by which alerts are grouped. */
  readonly name: string;
  readonly says: 'fires' | 'resolved';
  /** The receiver of Alertmanager that told it, where its link says so. */
  readonly receiver?: string;
}

/**
 * `[CRITICAL] NAME (3)`, `[RESOLVED] NAME (1)` as this site writes titles, `[FIRING:3] NAME …` as Alertmanager does by itself.
 * Nothing where no title is of that form.
 */
export function toldAlerts({ text, attachments }: PostedMessage): readonly ToldAlert[] {
  const titled = attachments.map(({ title, link }) => toldIn(title, receiverOf(link)));
  const written = text.split('\n').map((line) => toldIn(line, undefined));
  return [...titled, ...written].flatMap((told) => (told === undefined ? [] : [told]));
}

const TITLE = /^(?::[\w+-]{1,40}:|[^\w[])*\[(CRITICAL|WARNING|INFO|FIRING|RESOLVED)(?::\d+)?\]\s+([A-Za-z_][\w.:-]{0,198})/;

function toldIn(line: string, receiver: string | undefined): ToldAlert | undefined {
  const [, status, name] = TITLE.exec(line.trim().slice(0, 400)) ?? [];
  if (status === undefined || name === undefined) return undefined;
  return { name, says: status === 'RESOLVED' ? 'resolved' : 'fires', ...(receiver === undefined ? {} : { receiver }) };
}

/** Alertmanager links each notification to its page, with the receiver's name as a filter. */
function receiverOf(link: string): string | undefined {
  const [, receiver] = /[?&]receiver=([^&#\s]{1,200})/.exec(link) ?? [];
  if (receiver === undefined) return undefined;
  try {
    return decodeURIComponent(receiver.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
