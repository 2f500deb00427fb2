import { waysToCall } from '../core/called.ts';
import type { Runbook } from '../core/runbook.ts';

export const HELP = `storagebot: diagnoses the storage of a cluster, and repairs it after approval.

  storagebot diagnose nfs immich     look, changing nothing, and show what would repair it
  storagebot fix nfs all             the same look by other words, of the whole cluster
  storagebot run <words…>            the same, for any runbook
  storagebot runbooks                the runbooks there are
  storagebot approve <run>           decide on what another person's run offers, as its second approver
  storagebot undo <run>              what a run did, and what of it can be taken back
  storagebot again <run>             the same words as that run, anew
  storagebot cancel <run> <reason>   stops what can be stopped of a run, and says what is done
  storagebot takeover <run> <reason> gives a run what another run holds
  storagebot freeze <reason>         from now on nothing is changed anywhere; works while the bot runs, and without it
  storagebot unfreeze <reason>       lets changes be made again
  storagebot config check            is the configuration right, can its secrets be read?
  storagebot state check             is the bot's own state sound, which copies of it are there?
  storagebot state restore [copy]    put a copy back in its place, while the bot does not run
  storagebot audit verify            was the audit trail or what it tells of changed by anybody?
  storagebot audit show <run>        all that happened in a run, with whole outputs
  storagebot audit report <run>      the same as a post-mortem in Markdown

  --config <path>   the configuration (else STORAGEBOT_CONFIG, else /etc/storagebot/storagebot.yaml)
  --apply           ask for the approval of each step here, and make the approved changes
  --json            print the run as JSON
  --anchor <n:code> for audit verify: a head of the trail as it was seen in Slack; may be repeated
  --help            this text

While the bot runs it alone has its state: --apply, approve, undo, again, cancel and takeover are then refused, and said in Slack.
A destructive step is approved with its digest and with the name of what it changes.

Exit codes
  0  all is well
  1  something is wrong: the findings say what; also while a change waits for another person
  2  refused: the request makes no sense, or it is not allowed; nothing was changed
  3  nothing is known to be wrong, and not everything could be looked at
  4  a fault of storagebot itself or of its configuration
`;

export function listRunbooks(runbooks: readonly Runbook[]): string {
  const lines = runbooks.flatMap((runbook) =>
    waysToCall(runbook).map(
      (words) => [usageOf({ ...runbook, words }), runbook.title, runbook.changes ? 'can plan changes' : 'only looks'] as const,
    ),
  );
  const width = Math.max(0, ...lines.map(([usage]) => usage.length));
  return lines.map(([usage, title, can]) => `${usage.padEnd(width)}  ${title} (${can})\n`).join('');
}

export function usageOf({ words, usage }: Pick<Runbook, 'words' | 'usage'>): string {
  return [...words, usage].join(' ').trim();
}
