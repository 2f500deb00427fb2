import { describe, expect, it } from 'vitest';
import { elementsOf, validateMessage, validateView } from './blocks.ts';

const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });
const mrkdwn = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const button = (changed: object = {}) => ({ type: 'button', text: plain(5), action_id: 'go', ...changed });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const section = (changed: object = {}) => ({ type: 'section', text: mrkdwn(5), ...changed });
const rich = (text: string) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
});
const task = (changed: object = {}) => ({ type: 'task_card', task_id: '1', title: 'look', status: 'complete', ...changed });
const row = (cells: number) => Array.from({ length: cells }, () => ({ type: 'raw_text', text: 'x' }));
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const container = (...children: object[]) => ({
  type: 'container',
  title: plain(9),
  is_collapsible: true,
  child_blocks: children,
});

describe('a message may have', () => {
  it.each<[string, object[]]>([
    ['no blocks', []],
    ['fifty blocks', times(50, () => ({ type: 'divider' }))],
    ['a header at its limit', [{ type: 'header', text: plain(150) }]],
    ['a section at its limit, with a button', [section({ text: mrkdwn(3000), accessory: button() })]],
    ['25 buttons of different names', [actions(...times(25, (index) => button({ action_id: `b${index}` })))]],
    [
      'a confirmation',
      [actions(button({ confirm: { title: plain(100), text: mrkdwn(300), confirm: plain(30), deny: plain(30) } }))],
    ],
    ['markdown', [{ type: 'markdown', text: '# ok' }]],
    ['a plan with its tasks', [{ type: 'plan', title: 'Looking', tasks: [task({ output: rich('ok') }), task()] }]],
    ['a card', [{ type: 'card', title: mrkdwn(150), body: mrkdwn(200), actions: [button()] }]],
    ['a table', [{ type: 'table', rows: times(100, () => row(3)) }]],
    ['a folded container', [container(section(), { type: 'divider' }, rich('out'))]],
    ['a context', [{ type: 'context', elements: times(10, () => mrkdwn(5)) }]],
  ])('%s', (_name, blocks) => {
    expect(validateMessage(blocks)).toMatchObject({ ok: true });
  });
});

describe('Slack refuses in a message', () => {
  it.each<[string, object[], string]>([
    ['51 blocks', times(51, () => ({ type: 'divider' })), 'no more than 50 items allowed [json-pointer:/blocks]'],
    [
      'a long header',
      [{ type: 'header', text: plain(151) }],
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    ['an empty text', [section({ text: mrkdwn(0) })], 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
    ['a section of nothing', [{ type: 'section' }], 'missing required field: text or fields [json-pointer:/blocks/0]'],
    ['a long section', [section({ text: mrkdwn(3001) })], 'must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
    [
      'eleven fields',
      [section({ fields: times(11, () => mrkdwn(1)) })],
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'mrkdwn in a header',
      [{ type: 'header', text: mrkdwn(1) }],
      'Invalid input: expected "plain_text" [json-pointer:/blocks/0/text/type]',
    ],
    [
      '26 buttons',
      [actions(...times(26, (index) => button({ action_id: `b${index}` })))],
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'a long button',
      [actions(button({ text: plain(76) }))],
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'a long value',
      [actions(button({ value: 'x'.repeat(2001) }))],
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'a long action_id',
      [actions(button({ action_id: 'x'.repeat(256) }))],
      'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
    ],
    [
      'a long confirmation',
      [actions(button({ confirm: { text: mrkdwn(301) } }))],
      'must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]',
    ],
    ['one action_id twice in a block', [actions(button(), button())], '`action_id` go already exists [json-pointer:/blocks]'],
    [
      'one block_id twice, one of them folded',
      [section({ block_id: 'a' }), container(section({ block_id: 'a' }))],
      '`block_id` a already exists [json-pointer:/blocks]',
    ],
    ['a property of another block', [section({ title: 'x' })], 'invalid additional property: title [json-pointer:/blocks/0]'],
    ['a block that does not exist', [{ type: 'paragraph' }], 'unsupported type [json-pointer:/blocks/0/type]'],
    [
      'an alert, which only modals have',
      [{ type: 'alert', text: mrkdwn(5) }],
      'unsupported type: alert [json-pointer:/blocks/0/type]',
    ],
    [
      'a long card body',
      [{ type: 'card', body: mrkdwn(201) }],
      'must be less than 201 characters [json-pointer:/blocks/0/body/text]',
    ],
    [
      'a container in a container',
      [container(container(section()))],
      'unsupported type [json-pointer:/blocks/0/child_blocks/0/type]',
    ],
    [
      'eleven blocks in a container',
      [container(...times(11, () => section()))],
      'no more than 10 items allowed [json-pointer:/blocks/0/child_blocks]',
    ],
    [
      'two tables',
      [
        { type: 'table', rows: [row(1)] },
        { type: 'table', rows: [row(1)] },
      ],
      'only_one_table_allowed [json-pointer:/blocks]',
    ],
    ['21 columns', [{ type: 'table', rows: [row(21)] }], 'no more than 20 items allowed [json-pointer:/blocks/0/rows/0]'],
    [
      'uneven rows of data',
      [{ type: 'data_table', caption: 'x', rows: [row(2), row(1)] }],
      'all rows must have the same number of cells [json-pointer:/blocks/0/rows]',
    ],
    [
      'two halves of too much markdown',
      times(2, () => ({ type: 'markdown', text: 'x'.repeat(6_001) })),
      'markdown blocks have more than 12000 characters',
    ],
  ])('%s', (_name, blocks, message) => {
    expect(validateMessage(blocks)).toEqual({ ok: false, error: 'invalid_blocks', messages: [`[ERROR] ${message}`] });
  });

  it('more than 13,200 characters in all', () => {
    const many = times(5, () => section({ text: mrkdwn(2_700) }));
    expect(validateMessage(many)).toMatchObject({ ok: false, error: 'msg_blocks_too_long' });
  });
});

describe('a view', () => {
  const modal = (changed: object = {}) => ({ type: 'modal', title: plain(24), blocks: [section()], ...changed });
  const input = { type: 'input', label: plain(5), element: { type: 'plain_text_input', action_id: 'a' } };

  it('may have an alert and, with a submit button, an input', () => {
    const blocks = [{ type: 'alert', level: 'warning', text: mrkdwn(200) }, input];
    expect(validateView(modal({ submit: plain(6), blocks }))).toMatchObject({ ok: true });
  });

  it.each<[string, object, string]>([
    ['an input without a submit button', modal({ blocks: [input] }), 'missing required field: submit [json-pointer:/view]'],
    ['a modal without a title', { type: 'modal', blocks: [] }, 'missing required field: title [json-pointer:/view]'],
    ['a long title', modal({ title: plain(25) }), 'must be less than 25 characters [json-pointer:/view/title/text]'],
    [
      'much metadata',
      modal({ private_metadata: 'x'.repeat(3001) }),
      'must be less than 3001 characters [json-pointer:/view/private_metadata]',
    ],
    ['101 blocks', modal({ blocks: times(101, () => section()) }), 'no more than 100 items allowed [json-pointer:/blocks]'],
    ['a plan', modal({ blocks: [{ type: 'plan', title: 'x' }] }), 'unsupported type: plan [json-pointer:/blocks/0/type]'],
  ])('may not have %s', (_name, view, message) => {
    const checked = validateView(view);
    expect(checked.ok ? [] : checked.messages).toEqual([`[ERROR] ${message}`]);
  });
});

describe('what can be pressed', () => {
  it('is found in actions, accessories, cards and containers', () => {
    const checked = validateMessage([
      actions(button({ action_id: 'a' })),
      section({ accessory: button({ action_id: 'b' }) }),
      { type: 'card', body: mrkdwn(1), actions: [button({ action_id: 'c' })] },
      container(actions(button({ action_id: 'd' }))),
    ]);
    expect(checked.ok && elementsOf(checked.blocks).map(({ element }) => element.action_id)).toEqual(['a', 'b', 'c', 'd']);
  });
});
