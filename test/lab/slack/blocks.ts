import { z } from 'zod';
import type { BlockElement, Button } from './elements.ts';
import { plainText } from './elements.ts';
import type { Block, BlockType } from './schema.ts';
import { blockSchema } from './schema.ts';

export type { Block, BlockType } from './schema.ts';

/** What Slack would answer to these blocks; `messages` are in the form of its `response_metadata.messages`. */
export type BlockCheck =
  | { readonly ok: true; readonly blocks: readonly Block[] }
  | { readonly ok: false; readonly error: BlockError; readonly messages: readonly string[] };
export type BlockError = 'invalid_blocks' | 'msg_blocks_too_long';

/** An undocumented limit (slackapi/bolt-js #2509 and #2867); measured here on the JSON text, the strictest reading of both. */
export const MESSAGE_CHARACTERS = 13_200;
const MESSAGE_BLOCKS = 50;
const VIEW_BLOCKS = 100;
const MARKDOWN_CHARACTERS = 12_000;
const TABLE_CHARACTERS = 10_000;

/** Slack's own SDK says that messages refuse an alert (slackapi/node-slack-sdk #2567). */
const NOT_IN_MESSAGES: readonly BlockType[] = ['alert'];
const NOT_IN_VIEWS: readonly BlockType[] = ['card', 'carousel', 'data_table', 'markdown', 'plan', 'table', 'task_card'];

/** Checks the blocks of a message. */
export function validateMessage(blocks: unknown): BlockCheck {
  const parsed = parseBlocks(blocks, MESSAGE_BLOCKS);
  if (!parsed.ok) return parsed;
  const problems = [...commonProblems(parsed.blocks), ...placeProblems(parsed.blocks, NOT_IN_MESSAGES), ...totals(parsed.blocks)];
  if (problems.length > 0) return invalid(problems);
  const characters = JSON.stringify(blocks).length;
  if (characters <= MESSAGE_CHARACTERS) return parsed;
  return {
    ok: false,
    error: 'msg_blocks_too_long',
    messages: [`[ERROR] the blocks have ${characters} characters, and a message may have ${MESSAGE_CHARACTERS}`],
  };
}

const viewSchema = z.strictObject({
  type: z.enum(['modal', 'home']),
  title: plainText(24).optional(),
  submit: plainText(24).optional(),
  close: plainText(24).optional(),
  blocks: z.array(z.unknown()),
  callback_id: z.string().max(255).optional(),
  external_id: z.string().max(255).optional(),
  private_metadata: z.string().max(3000).optional(),
  clear_on_close: z.boolean().optional(),
  notify_on_close: z.boolean().optional(),
  submit_disabled: z.boolean().optional(),
});

export type ViewCheck =
  | { readonly ok: true; readonly view: CheckedView }
  | { readonly ok: false; readonly messages: readonly string[] };
export type CheckedView = Omit<z.output<typeof viewSchema>, 'blocks'> & { readonly blocks: readonly Block[] };

/** Checks a modal or a Home tab. */
export function validateView(view: unknown): ViewCheck {
  const shape = viewSchema.safeParse(view);
  if (!shape.success) return { ok: false, messages: slackMessages(shape.error, '/view') };
  const parsed = parseBlocks(shape.data.blocks, VIEW_BLOCKS);
  if (!parsed.ok) return parsed;
  const problems = [...commonProblems(parsed.blocks), ...placeProblems(parsed.blocks, NOT_IN_VIEWS)];
  if (shape.data.type === 'modal') problems.push(...modalProblems(shape.data, parsed.blocks));
  return problems.length > 0 ? invalid(problems) : { ok: true, view: { ...shape.data, blocks: parsed.blocks } };
}

/** Every interactive element of these blocks with the block that holds it, in the order in which they are shown. */
export function elementsOf(blocks: readonly Block[]): { readonly block: Block; readonly element: BlockElement }[] {
  return blocks.flatMap((block) => [
    ...ownElements(block).map((element) => ({ block, element })),
    ...(block.type === 'container' ? elementsOf(block.child_blocks) : []),
    ...(block.type === 'carousel' ? elementsOf(block.elements) : []),
  ]);
}

function ownElements(block: Block): readonly BlockElement[] {
  if (block.type === 'actions') return block.elements;
  if (block.type === 'card') return block.actions ?? [];
  if (block.type === 'input') return [block.element];
  if (block.type === 'section' && block.accessory !== undefined && block.accessory.type !== 'image') return [block.accessory];
  return [];
}

export function isButton(element: BlockElement): element is Button {
  return element.type === 'button';
}

function parseBlocks(blocks: unknown, maxBlocks: number): BlockCheck {
  const result = z.array(blockSchema).max(maxBlocks).safeParse(blocks);
  return result.success ? { ok: true, blocks: result.data } : invalid(slackMessages(result.error, '/blocks'));
}

function invalid(messages: readonly string[]) {
  return { ok: false, error: 'invalid_blocks', messages } as const;
}

function commonProblems(blocks: readonly Block[]): string[] {
  return [...blockIdProblems(blocks), ...actionIdProblems(blocks), ...blocks.flatMap(requiredOneOf)];
}

function withChildren(blocks: readonly Block[]): readonly Block[] {
  return blocks.flatMap<Block>((block) => (block.type === 'container' ? [block, ...block.child_blocks] : [block]));
}

function blockIdProblems(blocks: readonly Block[]): string[] {
  const ids = withChildren(blocks).flatMap(({ block_id: id }) => (id === undefined ? [] : [id]));
  return repeated(ids).map((id) => `[ERROR] \`block_id\` ${id} already exists [json-pointer:/blocks]`);
}

function actionIdProblems(blocks: readonly Block[]): string[] {
  return withChildren(blocks).flatMap((block) => {
    const ids = ownElements(block).flatMap(({ action_id: id }) => (id === undefined ? [] : [id]));
    return repeated(ids).map((id) => `[ERROR] \`action_id\` ${id} already exists [json-pointer:/blocks]`);
  });
}

function repeated(ids: readonly string[]): string[] {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
}

/** What a schema of single properties cannot say: at least one of several must be there. */
function requiredOneOf(block: Block, index: number): string[] {
  const missing = (fields: string) => [`[ERROR] missing required field: ${fields} [json-pointer:/blocks/${index}]`];
  if (block.type === 'section' && !block.text && !block.fields) return missing('text or fields');
  if (block.type === 'container' && !block.title && !block.rich_text_title) return missing('title or rich_text_title');
  if (block.type === 'card' && !block.hero_image && !block.title && !block.actions && !block.body) {
    return missing('hero_image, title, actions or body');
  }
  if (block.type === 'image' && !block.image_url && !block.slack_file) return missing('image_url or slack_file');
  return block.type === 'container' ? block.child_blocks.flatMap(requiredOneOf) : [];
}

function placeProblems(blocks: readonly Block[], refused: readonly BlockType[]): string[] {
  return blocks.flatMap(({ type }, index) =>
    refused.includes(type) ? [`[ERROR] unsupported type: ${type} [json-pointer:/blocks/${index}/type]`] : [],
  );
}

/** Limits on a message as a whole. */
function totals(blocks: readonly Block[]): string[] {
  const all = withChildren(blocks);
  const markdown = all.reduce((sum, block) => sum + (block.type === 'markdown' ? block.text.length : 0), 0);
  const tables = all.filter((block) => block.type === 'table').length;
  const dataRows = all.flatMap((block) => (block.type === 'data_table' ? block.rows : []));
  const data = dataRows.flat().reduce((sum, cell) => sum + ('text' in cell ? cell.text : JSON.stringify(cell)).length, 0);
  return [
    ...(markdown > MARKDOWN_CHARACTERS ? [`[ERROR] markdown blocks have more than ${MARKDOWN_CHARACTERS} characters`] : []),
    ...(tables > 1 ? ['[ERROR] only_one_table_allowed [json-pointer:/blocks]'] : []),
    ...(data > TABLE_CHARACTERS ? [`[ERROR] data tables have more than ${TABLE_CHARACTERS} characters`] : []),
    ...blocks.flatMap(unevenRows),
  ];
}

function unevenRows(block: Block, index: number): string[] {
  if (block.type !== 'data_table') return [];
  const widths = new Set(block.rows.map((row) => row.length));
  return widths.size > 1 ? [`[ERROR] all rows must have the same number of cells [json-pointer:/blocks/${index}/rows]`] : [];
}

function modalProblems(view: Pick<CheckedView, 'title' | 'submit'>, blocks: readonly Block[]): string[] {
  const hasInput = withChildren(blocks).some(({ type }) => type === 'input');
  return [
    ...(view.title === undefined ? ['[ERROR] missing required field: title [json-pointer:/view]'] : []),
    ...(hasInput && view.submit === undefined ? ['[ERROR] missing required field: submit [json-pointer:/view]'] : []),
  ];
}

/** A zod error in Slack's words. */
function slackMessages(error: z.ZodError, root: string): string[] {
  return error.issues.flatMap((issue) => {
    const pointer = [root, ...issue.path.map(String)].join('/');
    return slackWords(issue).map((words) => `[ERROR] ${words} [json-pointer:${pointer}]`);
  });
}

function slackWords(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'too_big') return [tooBig(issue.origin, Number(issue.maximum))];
  if (issue.code === 'too_small') return [tooSmall(issue.origin, Number(issue.minimum))];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `invalid additional property: ${key}`);
  if (issue.code === 'invalid_union') return ['unsupported type'];
  return [issue.message];
}

function tooBig(origin: string, maximum: number): string {
  if (origin === 'string') return `must be less than ${maximum + 1} characters`;
  return origin === 'array' ? `no more than ${maximum} items allowed` : `must be at most ${maximum}`;
}

function tooSmall(origin: string, minimum: number): string {
  if (origin === 'string') return `must be more than ${minimum - 1} characters`;
  return origin === 'array' ? `no fewer than ${minimum} items allowed` : `must be at least ${minimum}`;
}
