import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseRequest, withoutMention } from '../../handlers/parse.ts';
import { runbooks } from '../../runbooks/index.ts';
import { whyNoReason } from '../../src/approval/confirmation.ts';
import type { Runbook } from '../../src/core/runbook.ts';
import { portion } from '../depth.ts';
import { fc, seed } from '../seed.ts';
import type { Count } from './count.ts';
import { corpus, hostileText, hugeText } from './texts.ts';

export function hostileRequests(count: Count): void {
  describe('a hostile word', () => {
    test.each(runbooks)('of $id is refused in words, or made of plain characters', (runbook) => {
      const words = fc.array(hostileText, { maxLength: 3 });
      fc.assert(
        fc.property(words, (typed) => {
          count.add('requests', typed.length);
          expect(strangeTexts(runbook, typed)).toEqual([]);
        }),
        { numRuns: portion(2_000), seed },
      );
      for (const text of corpus) expect(strangeTexts(runbook, [`immich${text}`])).toEqual([]);
    });

    test('of a request in Slack makes plain words, or an answer that notifies nobody, links nowhere and stays short', () => {
      const request = fc.tuple(
        fc.constantFrom('', 'diagnose nfs ', 'add export ', '<@U0BOT> ', 'restart nfs', 'freeze ', 'cancel '),
        hostileText,
      );
      fc.assert(
        fc.property(request, ([words, text]) => {
          count.add('requests');
          expect(wrongsOf(words + text)).toEqual([]);
        }),
        { numRuns: portion(12_000), seed },
      );
      const huge = fc.property(hugeText, (text) => {
        expect(wrongsOf(text)).toEqual([]);
      });
      fc.assert(huge, { numRuns: 60, seed });
    });
  });
}

/** Parameters that are names of files and values of labels, which may be anything that can be shown. */
const ANYTHING_SHOWN: ReadonlySet<string> = new Set(['restore-files below', 'silence each', 'unsilence each']);

/** The texts that a runbook accepts out of these words and should not; none where it refuses them. */
function strangeTexts({ id, params, fromWords }: Runbook, typed: readonly string[]): readonly string[] {
  const parsed = params.safeParse(fromWords(typed));
  const accepted = parsed.success ? Object.entries(z.record(z.string(), z.unknown()).parse(parsed.data)) : [];
  return accepted.flatMap(([name, value]) => {
    const plain = ANYTHING_SHOWN.has(`${id} ${name}`) ? /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+$/u : /^[\w./:][\w./:-]*$/;
    return textsIn(value).filter((text) => !plain.test(text));
  });
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What is wrong with the answer to these words: nothing. */
function wrongsOf(typed: string): readonly string[] {
  const startedAt = process.cpuUsage();
  const parsed = parseRequest(withoutMention(typed), runbooks);
  const words = parsed.kind === 'run' ? parsed.arguments : [];
  const says = 'says' in parsed ? parsed.says : '';
  const reason = parsed.kind === 'control' ? parsed.control.reason : '';
  return [
    ...words.filter((word) => !/^[\w.:/@=+,%-]+$/.test(word)),
    ...(says.length < 3_000 ? [] : ['it is too long']),
    ...(/<|@(channel|here|everyone)|[^\P{Cc}\n]/u.test(says) || !says.isWellFormed() ? [says] : []),
    // What is no reason the engine refuses, and nobody is shown it.
    ...(whyNoReason(reason) === undefined && /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(reason) ? [reason] : []),
    ...(process.cpuUsage(startedAt).user < 1_000_000 ? [] : ['it takes too long']),
  ];
}
