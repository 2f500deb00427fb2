import type { KnownBlock } from '@slack/types';
import { fallback, paragraph, rich, words } from './blocks.ts';
import type { Message } from './message.ts';

/** Words for one person. Foreign text in them stands for itself. */
export function answerMessage(says: string, buttons: readonly KnownBlock[] = []): Message {
  return { text: fallback(says), blocks: [rich(paragraph(words(says))), ...buttons] };
}
