import type { Evidence } from '../../src/core/finding.ts';
import { bad, isSome, ok } from '../../src/core/finding.ts';
import type { Facts } from './facts.ts';
import { insideOf } from './inside.ts';

/** What the application said: a sign, and no proof of what is so now. */
export function log({ look, log: seen }: Facts): Evidence[] {
  if (seen?.known !== true) return [];
  const said = seen.value.map(({ text, code, lines }) => `${lines === 1 ? 'once' : `${lines} times`} "${text}" (${code})`);
  if (!isSome(said)) return [ok(`No message of SQLite is among the last lines of ${look.service}`, seen)];
  const check = insideOf(look)?.inside.check;
  const isWhole = check?.known === true && check.value.result === 'read' && check.value.integrity.join() === 'ok';
  const isCorruption = seen.value.some(({ code }) => code === 11 || code === 26);
  const meaning = isCorruption ? 'only 11 and 26 are corruption' : 'none of these is corruption';
  const says = `The last lines of ${look.service} have ${said.join(', ')}: ${meaning}`;
  return [isWhole ? ok(`${says}; SQLite finds the database whole now`, seen) : bad(says, seen)];
}
