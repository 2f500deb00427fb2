import { el, preformatted } from './dom.js';
import { markdown } from './markdown.js';
import { channelLink, date, dictionary, link, mention, mrkdwn, plain } from './mrkdwn.js';

/**
 * Blocks as nodes. `context.press(block, element, value)` is called for a button or menu, `context.key` names the
 * message, so that what a person unfolded stays unfolded when the message changes.
 */
export function renderBlocks(blocks, context) {
  return blocks.map((block, index) => renderBlock(block, { ...context, key: `${context.key}/${index}` }));
}

const unfolded = new Map();

const RENDERERS = {
  header: (block) => el('h2', { className: 'block header' }, text(block.text)),
  section,
  context: (block) => el('div', { className: 'block context' }, block.elements.map(contextElement)),
  divider: () => el('hr', { className: 'block' }),
  actions: (block, context) => el('div', { className: 'block actions' }, block.elements.map((item) => element(block, item, context))),
  markdown: (block) => el('div', { className: 'block markdown' }, markdown(block.text)),
  rich_text: (block) => el('div', { className: 'block rich' }, richText(block)),
  image: (block) => el('figure', { className: 'block' }, el('img', { src: block.image_url ?? '', alt: block.alt_text })),
  alert,
  card,
  carousel: (block, context) => el('div', { className: 'block carousel' }, block.elements.map((item) => card(item, context))),
  container,
  plan,
  task_card: (block, context) => el('div', { className: 'block plan' }, task(block, context)),
  table: (block) => el('div', { className: 'block scroll' }, table(block.rows, block.column_settings ?? [])),
  data_table: (block) => el('div', { className: 'block scroll' }, el('div', { className: 'caption' }, block.caption), table(block.rows, [])),
  input,
};

function renderBlock(block, context) {
  const renderer = RENDERERS[block.type];
  return renderer ? renderer(block, context) : el('div', { className: 'block context' }, `(${block.type})`);
}

function text(object) {
  if (object === undefined) return [];
  return object.type === 'mrkdwn' ? mrkdwn(object.text) : plain(object.text);
}

function section(block, context) {
  const body = el(
    'div',
    { className: 'body' },
    block.text ? el('div', { className: 'text' }, text(block.text)) : undefined,
    block.fields ? el('div', { className: 'fields' }, block.fields.map((field) => el('div', {}, text(field)))) : undefined,
  );
  const accessory = block.accessory && block.accessory.type !== 'image' ? element(block, block.accessory, context) : undefined;
  return el('div', { className: 'block section' }, body, accessory);
}

function contextElement(item) {
  return item.type === 'image' ? el('img', { src: item.image_url ?? '', alt: item.alt_text }) : el('span', {}, text(item));
}

function element(block, item, context) {
  if (item.type === 'button') {
    const press = () => context.press(block, item, item.value);
    return el('button', { type: 'button', className: `button ${item.style ?? ''}`, onclick: press }, plain(item.text.text));
  }
  const choose = (event) => context.press(block, item, event.target.value);
  return select(item, { onchange: choose });
}

function select(item, props) {
  const options = item.options.map(({ text: label, value }) =>
    el('option', { value, selected: value === item.initial_option?.value }, label.text),
  );
  const none = el('option', { value: '', disabled: true, selected: !item.initial_option }, item.placeholder?.text ?? 'Choose');
  return el('select', props, none, options);
}

function alert(block) {
  const level = block.level ?? 'default';
  return el('div', { className: `block alert ${level}`, role: 'status' }, el('div', {}, text(block.text)));
}

function card(block, context) {
  return el(
    'div',
    { className: 'block card' },
    block.title ? el('div', { className: 'title' }, text(block.title)) : undefined,
    block.subtitle ? el('div', { className: 'subtitle' }, text(block.subtitle)) : undefined,
    block.body ? el('div', {}, text(block.body)) : undefined,
    block.actions ? el('div', { className: 'actions' }, block.actions.map((item) => element(block, item, context))) : undefined,
  );
}

function container(block, context) {
  const title = [
    el('span', { className: 'title' }, block.rich_text_title ? richText(block.rich_text_title) : text(block.title)),
    block.subtitle ? el('span', { className: 'subtitle' }, text(block.subtitle)) : undefined,
  ];
  const children = el('div', { className: 'children' }, renderBlocks(block.child_blocks, context));
  if (!block.is_collapsible) {
    const divided = block.has_header_divider ? 'head divided' : 'head';
    return el('div', { className: 'block container' }, el('div', { className: divided }, title), children);
  }
  return foldable(context.key, !block.default_collapsed, el('summary', {}, title), children, 'block container');
}

/** A details element that remembers across updates whether it is open. */
export function foldable(key, openAtFirst, summary, body, className) {
  const node = el('details', { className, open: unfolded.get(key) ?? openAtFirst }, summary, body);
  node.addEventListener('toggle', () => unfolded.set(key, node.open));
  return node;
}

function plan(block, context) {
  const tasks = (block.tasks ?? []).map((item, index) => task(item, { ...context, key: `${context.key}/${index}` }));
  return el('div', { className: 'block plan' }, el('div', { className: 'title' }, plain(block.title)), tasks);
}

function task(block, context) {
  const title = [el('span', { className: `mark ${block.status}`, 'aria-label': block.status, role: 'img' }), el('span', {}, plain(block.title))];
  const parts = [block.details, block.output].filter((part) => part !== undefined);
  const sources = block.sources?.length ? el('div', { className: 'sources' }, block.sources.map((source) => link(source.url, source.text))) : undefined;
  if (parts.length === 0 && sources === undefined) return el('div', { className: 'task' }, title);
  const body = el('div', { className: 'children' }, parts.map((part) => el('div', { className: 'rich' }, richText(part))), sources);
  return foldable(context.key, block.status === 'in_progress' || block.status === 'error', el('summary', {}, title), body, 'task');
}

function table(rows, settings) {
  const cells = (row, tag) =>
    row.map((cell, column) => {
      const { align = cell.type === 'raw_number' ? 'right' : 'left', is_wrapped: wrapped = false } = settings[column] ?? {};
      return el(tag, { className: `${align} ${wrapped ? 'wrapped' : ''}` }, cell.type === 'rich_text' ? richText(cell) : plain(cell.text));
    });
  const [head, ...body] = rows;
  return el('table', { className: 'grid' }, el('tr', {}, cells(head, 'th')), body.map((row) => el('tr', {}, cells(row, 'td'))));
}

function input(block) {
  const { element: item, block_id: id } = block;
  const props = { id: `input-${id}`, name: id, required: !block.optional };
  const field =
    item.type === 'static_select'
      ? select(item, props)
      : el(item.multiline ? 'textarea' : 'input', {
          ...props,
          value: item.initial_value ?? '',
          placeholder: item.placeholder?.text ?? '',
          autocomplete: 'off',
          maxLength: item.max_length ?? 3000,
        });
  const label = el('label', { htmlFor: props.id }, block.label.text, block.optional ? ' (optional)' : '');
  const hint = block.hint ? el('div', { className: 'hint' }, block.hint.text) : undefined;
  return el('div', { className: 'block input' }, label, field, hint, el('div', { className: 'error', 'data-error': id }));
}

function richText(block) {
  return block.elements.map(richPart);
}

function richPart(part) {
  if (part.type === 'rich_text_preformatted') return preformatted(part.elements.map((item) => item.text ?? item.url).join(''));
  if (part.type === 'rich_text_quote') return el('blockquote', {}, part.elements.map(richInline));
  if (part.type === 'rich_text_list') {
    const items = part.elements.map((item) => el('li', {}, item.elements.map(richInline)));
    return el(part.style === 'ordered' ? 'ol' : 'ul', { className: `indent${part.indent ?? 0}` }, items);
  }
  return el('div', {}, part.elements.map(richInline));
}

const RICH = {
  text: (item) => el('span', {}, plain(item.text)),
  link: (item) => link(item.url, item.text),
  user: (item) => mention(item.user_id),
  usergroup: (item) => el('span', { className: 'mention' }, `@${item.usergroup_id}`),
  channel: (item) => channelLink(item.channel_id),
  emoji: (item) => el('span', {}, plain(`:${item.name}:`)),
  broadcast: (item) => el('span', { className: 'mention' }, `@${item.range}`),
  date: (item) => el('span', { className: 'date' }, date(item.timestamp, item.format)),
};

function richInline(item) {
  const style = item.style ?? {};
  let node = style.code ? el('code', {}, item.text ?? '') : RICH[item.type](item);
  if (style.bold) node = el('b', {}, node);
  if (style.italic) node = el('i', {}, node);
  if (style.strike) node = el('s', {}, node);
  return node;
}

export function nameOf(id) {
  return dictionary.users.get(id) ?? id;
}
