import type { BlockElement, RichTextElement, RichTextPart, TextObject } from './elements.ts';
import emoji from './page/emoji.json' with { type: 'json' };
import type { Block, Cell, RichTextBlock } from './schema.ts';
import type { LabMessage } from './state.ts';

/** The name of a user or channel, or its id where it is not known. */
export type NameOf = (id: string) => string;

/** A message as plain text, for transcripts and for tests that say what a person reads. */
export function plainText(message: Pick<LabMessage, 'text' | 'blocks' | 'files'>, nameOf: NameOf): string {
  const body =
    message.blocks.length > 0 ? message.blocks.map((block) => blockText(block, nameOf)) : [mrkdwnText(message.text, nameOf)];
  const files = message.files.map(({ name, bytes }) => `[file ${name}, ${bytes} bytes]`);
  return [...body, ...files].filter((part) => part !== '').join('\n');
}

function blockText(block: Block, nameOf: NameOf): string {
  const text = (object: TextObject | undefined): string => textOf(object, nameOf);
  switch (block.type) {
    case 'header':
      return `# ${block.text.text}`;
    case 'section':
      return lines(text(block.text), ...(block.fields ?? []).map(text), accessoryText(block.accessory));
    case 'context':
      return block.elements.map((element) => (element.type === 'image' ? element.alt_text : text(element))).join('  ');
    case 'divider':
      return '---';
    case 'actions':
      return block.elements.map(elementText).join(' ');
    case 'input':
      return `${block.label.text}: ${elementText(block.element)}`;
    case 'markdown':
      return block.text;
    case 'rich_text':
      return richText(block, nameOf);
    case 'alert':
      return `[${block.level ?? 'default'}] ${text(block.text)}`;
    case 'image':
      return `[image: ${block.alt_text}]`;
    case 'card':
      return lines(text(block.title), text(block.subtitle), text(block.body), (block.actions ?? []).map(elementText).join(' '));
    case 'carousel':
      return lines(...block.elements.map((card) => blockText(card, nameOf)));
    case 'container':
      return containerText(block, nameOf);
    case 'plan':
      return lines(block.title, ...(block.tasks ?? []).map((task) => taskText(task, nameOf)));
    case 'task_card':
      return taskText(block, nameOf);
    case 'table':
    case 'data_table':
      return tableText(block.rows, nameOf);
  }
}

function lines(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

function indent(text: string, by = '  '): string {
  return text.replaceAll(/^/gm, by);
}

function containerText(block: Extract<Block, { type: 'container' }>, nameOf: NameOf): string {
  const title = block.rich_text_title === undefined ? textOf(block.title, nameOf) : richText(block.rich_text_title, nameOf);
  const subtitle = block.subtitle === undefined ? '' : ` (${textOf(block.subtitle, nameOf)})`;
  return lines(`▸ ${title}${subtitle}`, indent(lines(...block.child_blocks.map((child) => blockText(child, nameOf)))));
}

const TASK_MARKS = { pending: '○', in_progress: '◐', complete: '✓', error: '✗' } as const;

function taskText(task: Extract<Block, { type: 'task_card' }>, nameOf: NameOf): string {
  const more = [task.details, task.output].flatMap((part) =>
    part === undefined ? [] : [indent(richText(part, nameOf), '    ')],
  );
  return lines(`${TASK_MARKS[task.status]} ${task.title}`, ...more);
}

/** Columns as wide as their widest cell. */
function tableText(rows: readonly (readonly Cell[])[], nameOf: NameOf): string {
  const texts = rows.map((row) => row.map((cell) => (cell.type === 'rich_text' ? richText(cell, nameOf) : cell.text)));
  const widths = (texts[0] ?? []).map((_, column) => Math.max(...texts.map((row) => (row[column] ?? '').length)));
  return texts
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function accessoryText(accessory: Extract<Block, { type: 'section' }>['accessory']): string {
  if (accessory === undefined) return '';
  return accessory.type === 'image' ? `[image: ${accessory.alt_text}]` : elementText(accessory);
}

function elementText(element: BlockElement): string {
  if (element.type === 'button') return `[${element.text.text}]`;
  return `<${element.placeholder?.text ?? 'text'}>`;
}

function textOf(object: TextObject | undefined, nameOf: NameOf): string {
  if (object === undefined) return '';
  return object.type === 'mrkdwn' ? mrkdwnText(object.text, nameOf) : withEmoji(object.text);
}

function richText({ elements }: RichTextBlock, nameOf: NameOf): string {
  return lines(...elements.map((part) => richTextPart(part, nameOf)));
}

function richTextPart(part: RichTextPart, nameOf: NameOf): string {
  const inline = (elements: readonly RichTextElement[]): string =>
    elements.map((element) => richTextInline(element, nameOf)).join('');
  switch (part.type) {
    case 'rich_text_section':
      return inline(part.elements);
    case 'rich_text_quote':
      return indent(inline(part.elements), '> ');
    case 'rich_text_preformatted':
      return indent(inline(part.elements), '    ');
    case 'rich_text_list':
      return part.elements
        .map(({ elements }, index) => `${part.style === 'ordered' ? `${index + 1}.` : '•'} ${inline(elements)}`)
        .join('\n');
  }
}

function richTextInline(element: RichTextElement, nameOf: NameOf): string {
  switch (element.type) {
    case 'text':
      return element.text;
    case 'link':
      return element.text ?? element.url;
    case 'user':
      return `@${nameOf(element.user_id)}`;
    case 'usergroup':
      return `@${nameOf(element.usergroup_id)}`;
    case 'channel':
      return `#${nameOf(element.channel_id)}`;
    case 'emoji':
      return withEmoji(`:${element.name}:`);
    case 'broadcast':
      return `@${element.range}`;
    case 'date':
      return element.fallback ?? new Date(element.timestamp * 1000).toISOString();
  }
}

/** Mentions, links, dates, emoji and entities as a person sees them; the marks of bold and code stay. */
export function mrkdwnText(text: string, nameOf: NameOf): string {
  const replaced = text.replaceAll(/<([^<>]+)>/g, (_, inside: string) => bracketText(inside, nameOf));
  return withEmoji(replaced).replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function bracketText(inside: string, nameOf: NameOf): string {
  const [target = '', label] = inside.split('|');
  if (target.startsWith('@')) return `@${nameOf(target.slice(1))}`;
  if (target.startsWith('#')) return `#${nameOf(target.slice(1))}`;
  if (target.startsWith('!date^')) return label ?? '';
  if (target.startsWith('!subteam^')) return `@${nameOf(target.slice('!subteam^'.length))}`;
  if (target.startsWith('!')) return `@${target.slice(1)}`;
  return label ?? target;
}

const unicode: Readonly<Record<string, string>> = emoji;

function withEmoji(text: string): string {
  return text.replaceAll(/:([a-z0-9_+-]+):/g, (whole, name: string) => unicode[name] ?? whole);
}
