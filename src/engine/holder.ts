import type { Holder } from '../store/store.ts';

/** Who holds what, for a person who needs it. */
export function holderWords({ kind, name, run, runbook, arguments: words, requester, since, finishedAt }: Holder): string {
  const asked = `${[runbook, ...words].join(' ')}, asked by ${requester.name}`;
  const ended =
    finishedAt === null ? '' : ' That run has ended with an outcome that nobody knows: look first whether its change was made.';
  return `run ${run} (${asked}) holds ${kind} ${name} since ${new Date(since).toISOString()}.${ended}`;
}
