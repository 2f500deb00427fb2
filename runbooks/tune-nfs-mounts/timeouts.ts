import { valueOf } from '../../src/commands/mount-options.ts';

/** The longest wait before one more try, in seconds (nfs(5)). */
const LONGEST_S = 600;

/** What these options mean for a program while the server does not answer, and what that costs. */
export function meaningOfTimeouts(options: readonly string[]): string {
  const tenths = Number(valueOf(options, 'timeo') ?? 600);
  const tries = Number(valueOf(options, 'retrans') ?? 2);
  const first = `timeo is in tenths of a second: timeo=${tenths} is ${tenths / 10} s`;
  if (!options.includes('soft')) {
    return `${first}. Hard: a call is tried again for ever, so that in an outage programs hang until the server is back, and nothing that they wrote is lost`;
  }
  const waits = (count: number) => Array.from({ length: count }, (_, index) => Math.min(((index + 1) * tenths) / 10, LONGEST_S));
  const sum = (count: number) => Math.round(waits(count).reduce((all, each) => all + each, 0));
  return [
    `${first}. Over TCP each further try waits as much longer (${waits(3).join(' s, ')} s …)`,
    `With retrans=${tries} a soft mount gives up after about ${sum(tries)} to ${sum(tries + 1)} s with an input/output error, sooner where the server refuses at once`,
    'What soft costs: a write that runs into it is lost, and a program that does not check for the error does not notice',
  ].join('. ');
}
