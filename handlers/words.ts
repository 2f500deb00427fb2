import { waysToCall } from '../src/core/called.ts';
import type { Runbook } from '../src/core/runbook.ts';
import { escaped } from '../src/slack/blocks.ts';
import { CONTROLS } from './parse-control.ts';

/** What the handlers know of a runbook. */
export type Callable = Pick<Runbook, 'id' | 'words' | 'alsoWords' | 'usage' | 'title' | 'changes'>;

/** The engine's own runbook: no folder holds it. */
export const UNDO: Callable = {
  id: 'undo',
  words: ['undo'],
  usage: '<run>',
  title: 'Take back what a run has changed',
  changes: true,
};

/** `diagnose nfs <service>`, safe in mrkdwn. */
export function usageOf({ words, usage }: Callable): string {
  return escaped([...words, usage].join(' ').trim());
}

/** The same with every way to call it: `fix nfs <service>` is one of `diagnose nfs <service>`. */
export function usagesOf(callable: Callable): string[] {
  return waysToCall(callable).map((words) => usageOf({ ...callable, words }));
}

/** No runbook: it shows what the bot knows, and looks at nothing. */
export const INCIDENTS = { usage: 'incidents [incident]', title: 'What alerts are about now' };

const APPROVALS = 'I look without changing anything. Each change waits for its own approval.';

/** All that can be asked, by first words; with the first word of some, what each of these is for. */
export function helpText(runbooks: readonly Callable[], [about]: readonly string[] = []): string {
  const sorted = runbooks.toSorted((a, b) => (a.words.join(' ') < b.words.join(' ') ? -1 : 1));
  const first = about?.toLowerCase();
  const wanted = sorted.filter((runbook) => waysToCall(runbook).some((words) => words[0] === first));
  if (wanted.length > 0) return [...wanted.map(explained), APPROVALS].join('\n');
  const firstWords = [...new Set(sorted.flatMap(waysToCall).map(([word]) => word))].toSorted();
  return [
    'What I can do: type `/storage` and one of these (`/storage help restore` says more about what begins with *restore*):',
    ...firstWords.map((word) => `• *${word}* ${callsOf(sorted, word)}`.trimEnd()),
    ...[INCIDENTS, ...Object.values(CONTROLS)].map(({ usage, title }) => `• \`${escaped(usage)}\`: ${title}`),
    APPROVALS,
  ].join('\n');
}

function callsOf(runbooks: readonly Callable[], word: string): string {
  const ways = runbooks.flatMap((runbook) =>
    waysToCall(runbook).map(([first, ...rest]) => ({ first, rest, usage: runbook.usage })),
  );
  const calls = ways.filter(({ first }) => first === word).map(({ rest, usage }) => escaped([...rest, usage].join(' ').trim()));
  return calls
    .filter((call) => call !== '')
    .map((call) => `\`${call}\``)
    .join(', ');
}

/** With all that follows the words: `restore` alone would be no way to call it. */
function explained(runbook: Callable): string {
  const ways = usagesOf(runbook).map((usage) => `\`/storage ${usage}\``);
  const looks = runbook.changes ? '' : ' (looks only)';
  return `• ${ways.join(' or ')}: ${escaped(runbook.title)}${looks}`;
}

/** The answer to a button whose value is none of ours. */
export const FOREIGN_BUTTON = 'I do not know this button. Use the latest message of the run.';

/** The answer to whoever asks in a place where the bot does not work. */
export const WRONG_CHANNEL = 'I do not take requests in this channel. Ask in one of the channels that my configuration names.';
