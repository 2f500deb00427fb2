import { randomBytes } from 'node:crypto';
import type { Block, CheckedView } from './blocks.ts';
import type { LabView } from './state.ts';

export const BOT_USER = 'U0BOT';
export const SLACKBOT = 'USLACKBOT';
export const BOT_ID = 'B0BOT';
export const APP_ID = 'A0LAB';
export const TEAM_ID = 'T0LAB';

export function newId(prefix: string): string {
  return prefix + randomBytes(5).toString('hex').toUpperCase();
}

/** Slack gives an id to every block and element that has none. */
export function withIds(blocks: readonly Block[]): readonly Block[] {
  return blocks.map((block) => {
    const named = { ...block, block_id: block.block_id ?? newId('b') };
    if (named.type === 'actions') return { ...named, elements: named.elements.map(withActionId) };
    if (named.type === 'container') return { ...named, child_blocks: withIds(named.child_blocks) as typeof named.child_blocks };
    if (named.type === 'input') return { ...named, element: withActionId(named.element) };
    if (named.type === 'card') return { ...named, actions: named.actions?.map(withActionId) };
    if (named.type === 'section' && named.accessory !== undefined && named.accessory.type !== 'image') {
      return { ...named, accessory: withActionId(named.accessory) };
    }
    return named;
  });
}

function withActionId<Element extends { action_id?: string | undefined }>(element: Element): Element {
  return element.action_id === undefined ? { ...element, action_id: newId('a') } : element;
}

export function viewWithIds(view: CheckedView, place: Pick<LabView, 'id' | 'rootViewId' | 'previousViewId'>): LabView {
  return { ...view, ...place, blocks: withIds(view.blocks), hash: newId('h') };
}
