import { describe, expect, it } from 'vitest';
import { validateMessage, validateView } from './blocks.ts';
import { mrkdwnText, plainText } from './text.ts';

const nameOf = (id: string): string => ({ U1: 'Operator', C1: 'storage-ops' })[id] ?? id;
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const button = (text: string) => ({ type: 'button', action_id: text, text: plain(text) });
const output = (text: string) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
});

/** The transcript of blocks that Slack would take in a message or, failing that, in a modal. */
function transcript(...blocks: object[]): string {
  const message = validateMessage(blocks);
  if (message.ok) return plainText({ text: '', blocks: message.blocks, files: [] }, nameOf);
  const view = validateView({ type: 'modal', title: plain('x'), submit: plain('x'), blocks });
  if (!view.ok) throw new Error(view.messages.join());
  return plainText({ text: '', blocks: view.view.blocks, files: [] }, nameOf);
}

describe('a transcript', () => {
  it.each<[string, object, string]>([
    ['a header', { type: 'header', text: plain('NFS') }, '# NFS'],
    [
      'a section with its button',
      { type: 'section', text: mrkdwn('*bad* &lt;x&gt;'), accessory: button('Look') },
      '*bad* <x>\n[Look]',
    ],
    ['a context', { type: 'context', elements: [mrkdwn('run'), mrkdwn('<@U1>')] }, 'run  @Operator'],
    ['buttons', { type: 'actions', elements: [button('Approve'), button('Deny')] }, '[Approve] [Deny]'],
    ['an alert', { type: 'alert', level: 'error', text: plain('gone') }, '[error] gone'],
    ['an output', output('a\nb'), '    a\n    b'],
    [
      'a plan',
      {
        type: 'plan',
        title: 'Looking',
        tasks: [{ type: 'task_card', task_id: '1', title: 'mount', status: 'error', output: output('stale') }],
      },
      'Looking\n✗ mount\n        stale',
    ],
    [
      'a container',
      {
        type: 'container',
        title: plain('Evidence'),
        subtitle: plain('2'),
        child_blocks: [{ type: 'section', text: plain('x') }],
      },
      '▸ Evidence (2)\n  x',
    ],
    [
      'a table in columns',
      {
        type: 'table',
        rows: [
          [
            { type: 'raw_text', text: 'node' },
            { type: 'raw_text', text: 'n' },
          ],
          [
            { type: 'raw_text', text: 'w1' },
            { type: 'raw_number', value: 3, text: '3' },
          ],
        ],
      },
      'node  n\nw1    3',
    ],
    ['an input', { type: 'input', label: plain('Name'), element: { type: 'plain_text_input' } }, 'Name: <text>'],
  ])('shows %s', (_name, block, expected) => {
    expect(transcript(block)).toBe(expected);
  });

  it('shows mentions, links, dates, emoji and entities as people read them', () => {
    const text = '<@U1> <#C1> <https://a.example|a> <!date^1700000000^{date}|14 Nov> :warning: :no_such: <!here> &amp;lt;';
    expect(mrkdwnText(text, nameOf)).toBe('@Operator #storage-ops a 14 Nov ⚠️ :no_such: @here &lt;');
  });
});
