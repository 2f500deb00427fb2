import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { portion } from '../../test/depth.ts';
import { validateMessage, validateView } from '../../test/lab/slack/blocks.ts';
import { fc } from '../../test/seed.ts';
import { show } from '../core/command.ts';
import { stepsOf } from '../core/plan.ts';
import { partsOf } from './connection/parts.ts';
import { anyView } from './fixtures/arbitrary.ts';
import { finding, offered, roundOf, stepOf, viewOf } from './fixtures/run-view.ts';
import { cancelModal, confirmModal, denyModal, takeOverModal, wordsModal } from './modals.ts';
import { visible } from './visible.ts';
import { wasOffered } from './words.ts';

function preformattedTexts(blocks: readonly KnownBlock[]): string[] {
  const rich = blocks.flatMap((block) => (block.type === 'rich_text' ? block.elements : []));
  return rich.flatMap((part) =>
    part.type === 'rich_text_preformatted'
      ? [part.elements.map((element) => ('text' in element ? element.text : '')).join('')]
      : [],
  );
}

describe('messages of any run', () => {
  it('are taken by Slack', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const refused = partsOf(view).filter((part) => part.kind === 'message' && !validateMessage(part.message.blocks).ok);
        expect(refused).toEqual([]);
      }),
      { numRuns: portion(600) },
    );
  });

  it('have windows that Slack takes, and that show the command whole or say where it is', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const target = { run: view.id, round: 1, step: 0, digest: 'abcdef012345', channel: 'C0STORAGE', thread: '1.1' };
        const places = view.rounds.flatMap((round) =>
          stepsOf(round.plan).map((step, index) => ({ view, round, step, index, state: offered })),
        );
        const deciding = places.flatMap((place) => [denyModal(place, target, view.requester), confirmModal(place, target)]);
        const modals = [...deciding, cancelModal(view, target), takeOverModal(view, target), wordsModal(view.problem ?? 'x')];
        expect(modals.map(validateView).filter(({ ok }) => !ok)).toEqual([]);
        places.forEach((place, index) => {
          const blocks = (deciding[2 * index]?.blocks ?? []) as KnownBlock[];
          const whole = preformattedTexts(blocks).includes(show(place.step.change.command));
          expect(whole || textOf(blocks).includes('Itscommandistoolong')).toBe(true);
        });
      }),
      { numRuns: portion(400) },
    );
  });

  it('show each command that can be approved whole, or hold it whole in a file that comes first', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const parts = partsOf(view);
        for (const round of view.rounds) {
          stepsOf(round.plan).forEach((step, index) => {
            const key = `${round.number}.${index + 1}`;
            const at = parts.findIndex((part) => part.key === `step ${key}`);
            const part = parts[at];
            if (part?.kind !== 'message') throw new Error(`step ${key} has no message`);
            const command = show(step.change.command);
            if (preformattedTexts(part.message.blocks).includes(command)) return;
            const file = parts.slice(0, at).find((before) => before.key === `file ${key}`);
            expect(file?.kind === 'file' && file.file.content.includes(command)).toBe(true);
            expect(part.needs).toBe(`file ${key}`);
          });
        }
      }),
      { numRuns: portion(600) },
    );
  });

  it('lose no word: every finding, reason and result is whole in a message or in a file', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const parts = partsOf(view);
        const texts = parts.map((part) => (part.kind === 'file' ? unbroken(part.file.content) : textOf(part.message.blocks)));
        const said = view.rounds.flatMap((round) => [
          ...round.diagnosis.findings.flatMap(({ says, remedy, doNot = '' }) => [says, remedy, doNot]),
          ...round.diagnosis.evidence.map(({ says }) => says),
          ...round.steps.flatMap((state) => (wasOffered(state) ? state.decisions.map(({ reason = '' }) => reason) : [])),
          ...('stop' in round.plan ? [round.plan.stop] : round.steps.map(({ detail = '' }) => detail)),
        ]);
        for (const words of [...said, view.cancelled?.reason ?? ''])
          expect(texts.some((text) => text.includes(unbroken(visible(words))) || text.includes(unbroken(words)))).toBe(true);
      }),
      { numRuns: portion(240) },
    );
  });
});

/** All white space taken out, because text files break lines between words. */
function unbroken(text: string): string {
  return text.replaceAll(/\s/g, '');
}

function textOf(blocks: readonly KnownBlock[]): string {
  const rich = blocks.flatMap((block) => (block.type === 'rich_text' ? block.elements : []));
  const texts = rich.flatMap((part) => part.elements.map((element) => ('text' in element ? (element.text ?? '') : '')));
  return unbroken(texts.join(''));
}

describe('a command', () => {
  it('that holds code fences and mentions stands character by character in one preformatted block', () => {
    const step = stepOf({ argv: ['echo', '```', '<!channel>', '`id`', '</pre>'] });
    const view = viewOf({ rounds: [roundOf({ plan: { steps: [step] } })] });
    const part = partsOf(view).find(({ key }) => key === 'step 1.1');
    const blocks = part?.kind === 'message' ? part.message.blocks : [];
    expect(preformattedTexts(blocks)).toContain("nas$ echo '```' '<!channel>' '`id`' '</pre>'");
    expect(JSON.stringify(blocks.filter(({ type }) => type !== 'rich_text'))).not.toContain('<!channel>');
  });

  it('of 20,000 characters goes whole into a file, and its message says so where the command would stand', () => {
    const long = 'x'.repeat(20_000);
    const view = viewOf({ rounds: [roundOf({ plan: { steps: [stepOf({ argv: ['echo', long], because: finding })] } })] });
    const parts = partsOf(view);
    const file = parts.find(({ key }) => key === 'file 1.1');
    const message = parts.find(({ key }) => key === 'step 1.1');
    expect(file?.kind === 'file' && file.file.content).toContain(`nas$ echo ${long}`);
    expect(textOf(message?.kind === 'message' ? message.message.blocks : [])).toContain('Itscommandistoolongforamessage');
    expect(parts.findIndex(({ key }) => key === 'file 1.1')).toBeLessThan(parts.findIndex(({ key }) => key === 'step 1.1'));
  });
});
