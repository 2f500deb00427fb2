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

/** Every runbook with how it is called. */
export function helpText(runbooks: readonly Callable[]): string {
  const lines = runbooks
    .toSorted((a, b) => (a.words.join(' ') < b.words.join(' ') ? -1 : 1))
    .map((runbook) => {
      const others = (runbook.alsoWords ?? []).map((words) => ` or \`${words.join(' ')}\``);
      return `• \`/storage ${usageOf(runbook)}\`${others.join('')}: ${escaped(runbook.title)}${runbook.changes ? '' : ' (looks only)'}`;
    });
  const controls = Object.values(CONTROLS).map(({ usage, title }) => `• \`/storage ${escaped(usage)}\`: ${title}`);
  return [
    'What I can do:',
    ...lines,
    ...controls,
    'I look without changing anything. Each change waits for its own approval.',
  ].join('\n');
}

/** The answer to a button whose value is none of ours. */
export const FOREIGN_BUTTON = 'I do not know this button. Use the latest message of the run.';

/** The answer to whoever asks in a place where the bot does not work. */
export const WRONG_CHANNEL = 'I do not take requests in this channel. Ask in one of the channels that my configuration names.';
