import { Buffer } from 'node:buffer';
import { z } from 'zod';
import type { RunView } from '../../src/core/run.ts';
import { partsOf } from '../../src/slack/connection/parts.ts';
import { renderRunText } from '../../src/text/run-text.ts';
import { wordsOf } from '../lab/site/words.ts';

const Element = z.looseObject({ type: z.string(), elements: z.array(z.looseObject({ text: z.string().optional() })).optional() });
const Block = z.looseObject({ type: z.string(), elements: z.array(z.unknown()).optional() });

/** The command that the message of the step on offer shows, or its file where the message has no room for it. */
export function lineOnCard(view: RunView): string {
  return boxAfter(view, 'Runs exactly this:') ?? /^ {2}run {6}(.*)$/m.exec(fileOfStep(view))?.[1] ?? '';
}

/** What the message shows in a box of its own after a paragraph that ends like this. */
export function boxAfter(view: RunView, words: string): string | undefined {
  const elements = messageOfStep(view).message.blocks.flatMap((block) => richIn(block));
  const at = elements.findIndex((element) => textOf(element).endsWith(words));
  const box = at < 0 ? undefined : elements[at + 1];
  return box?.type === 'rich_text_preformatted' ? textOf(box) : undefined;
}

/** The file that the message of the step sends people to; empty where it needs none. */
export function fileOfStep(view: RunView): string {
  const { needs } = messageOfStep(view);
  const file = partsOf(view).find((one) => one.kind === 'file' && one.key === needs);
  return file?.kind === 'file' ? file.file.content : '';
}

function messageOfStep(view: RunView) {
  const key = `step ${placeOnOffer(view)}`;
  const part = partsOf(view).find((one) => one.key === key);
  if (part?.kind !== 'message') throw new Error(`There is no message ${key}.`);
  return part;
}

/** The command that the terminal shows of the step on offer. */
export function lineInTerminal(view: RunView): string {
  const text = renderRunText(view);
  const [, step = ''] = text.split(`\nSTEP ${placeOnOffer(view)}: `);
  return /^ {2}run {6}(.*)$/m.exec(step)?.[1] ?? '';
}

function placeOnOffer({ rounds }: RunView): string {
  const round = rounds.at(-1);
  return `${round?.number ?? 0}.${(round?.steps.findIndex(({ status }) => status === 'waiting') ?? -1) + 1}`;
}

function richIn(block: unknown): readonly z.output<typeof Element>[] {
  const { type, elements = [] } = Block.parse(block);
  return type === 'rich_text' ? elements.map((element) => Element.parse(element)) : [];
}

function textOf({ elements = [] }: z.output<typeof Element>): string {
  return elements.map(({ text = '' }) => text).join('');
}

/** What a shown line must be on the wire: the words of a shell and its standard input, or a request to the API server. */
export type OnTheWire =
  | { readonly to: string; readonly received: string }
  | { readonly method: string; readonly path: string; readonly body: string };

/** Reads a shown line as a person would, knowing nothing of how it was made. */
export function onTheWire(shown: string): OnTheWire {
  const [, target = '', line = '', input] = /^(\S+)\$ (.*?)(?: <<< (.*))?$/s.exec(shown) ?? [];
  const given = input === undefined ? '' : ` <<< ${wordsOf(input).join(' ')}\n`;
  if (target !== 'cluster') return { to: target, received: `${target}$ ${line}${given}` };
  const [, verb = '', ...words] = wordsOf(line);
  const option = (name: string) => words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  if (verb === 'patch') return { method: 'PATCH', path: `/api/v1/${words[0] ?? ''}`, body: option('patch') ?? '' };
  const method = verb === 'delete' ? 'DELETE' : 'POST';
  return { method, path: option('raw') ?? '', body: input === undefined ? '' : wordsOf(input).join(' ') };
}

export function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex');
}
