import type { Runbook } from '../src/core/runbook.ts';
import { escaped } from '../src/slack/blocks.ts';

/** `diagnose nfs <service>`, safe in mrkdwn. */
export function usageOf({ words, usage }: Runbook): string {
  return escaped([...words, usage].join(' ').trim());
}

/** Every runbook with how it is called. */
export function helpText(runbooks: readonly Runbook[]): string {
  const lines = runbooks
    .toSorted((a, b) => (a.words.join(' ') < b.words.join(' ') ? -1 : 1))
    .map((runbook) => `• \`/storage ${usageOf(runbook)}\`: ${escaped(runbook.title)}${runbook.changes ? '' : ' (looks only)'}`);
  return ['What I can do:', ...lines, 'I look without changing anything. Each change waits for its own approval.'].join('\n');
}

/** The answer to whoever asks in a place where the bot does not work. */
export const WRONG_CHANNEL = 'I do not take requests in this channel. Ask in one of the channels that my configuration names.';
