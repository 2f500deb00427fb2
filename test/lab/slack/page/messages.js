import { foldable, nameOf, renderBlocks } from './blocks.js';
import { act, el } from './dom.js';
import { confirmPress, failed } from './modal.js';
import { dictionary, mrkdwn } from './mrkdwn.js';

/** One message. `store` is the page's state; `inThread` leaves out the link to the replies. */
export function renderMessage(message, store, { inThread, follows }) {
  const ephemeral = message.visibleTo !== undefined;
  const key = `${message.channel}/${message.ts}`;
  return el(
    'article',
    { className: `message ${ephemeral ? 'ephemeral' : ''} ${follows ? 'follows' : ''}`, 'data-ts': message.ts },
    follows ? el('div', { className: 'gutter' }, clock(message.ts)) : avatar(message.user, store),
    el(
      'div',
      { className: 'content' },
      ephemeral ? el('div', { className: 'only-you' }, 'Only visible to you') : undefined,
      follows ? undefined : byline(message, store),
      body(message, store, key),
      message.files.map((file) => attached(file, key)),
      reactions(message),
      inThread || message.replyCount === 0 ? undefined : repliesLink(message, store),
    ),
  );
}

function body(message, store, key) {
  const edited = message.edits > 0 ? el('span', { className: 'edited' }, ' (edited)') : undefined;
  if (message.blocks.length === 0) return message.text === '' ? undefined : el('div', { className: 'text' }, mrkdwn(message.text), edited);
  const at = { user: store.me, channel: message.channel, ts: message.ts };
  const press = (block, element, value) => {
    const send = () => act('press', { ...at, actionId: element.action_id, blockId: block.block_id, value });
    confirmPress(element, () => send().then(({ ok, error }) => ok || failed(`The app did not answer (${error}).`), failedToo));
  };
  return [...renderBlocks(message.blocks, { key, press }), edited ? el('div', { className: 'text' }, edited) : undefined];
}

function failedToo(error) {
  failed(error.message);
}

function attached({ name, title, content, bytes }, key) {
  const lines = content.replace(/\n$/, '').split('\n').length;
  const size = bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} kB`;
  const summary = el('summary', {}, el('span', { className: 'title' }, title || name), el('span', { className: 'subtitle' }, `${lines} lines · ${size}`));
  return foldable(`${key}/${name}`, false, summary, el('pre', {}, content), 'file');
}

function reactions({ reactions: given }) {
  if (given.length === 0) return undefined;
  const pill = ({ name, users }) => el('span', { className: 'reaction', title: users.map(nameOf).join(', ') }, mrkdwn(`:${name}:`), ` ${users.length}`);
  return el('div', { className: 'reactions' }, given.map(pill));
}

function repliesLink(message, store) {
  const { replyCount, ts } = message;
  const last = store.inThread(ts).at(-1);
  return el(
    'button',
    { type: 'button', className: 'replies', onclick: () => store.openThread(ts) },
    `${replyCount} ${replyCount === 1 ? 'reply' : 'replies'}`,
    el('span', { className: 'time' }, last ? `Last reply ${clockText(last.ts)}` : ''),
  );
}

function byline(message, store) {
  const isBot = message.user === store.bot.id || message.user === store.slackbot;
  return el('div', { className: 'byline' }, el('b', {}, nameOf(message.user)), isBot ? el('span', { className: 'app' }, 'APP') : undefined, clock(message.ts));
}

export function avatar(user, store) {
  if (user === store.bot.id) return el('div', { className: 'avatar bot', 'aria-hidden': 'true' }, 'sb');
  const label = dictionary.users.get(user) ?? '?';
  const initials = label.split(/\s+/).map((word) => word[0]?.toUpperCase()).join('').slice(0, 2);
  const hue = [...user].reduce((sum, letter) => sum + letter.charCodeAt(0) * 47, 0) % 360;
  return el('div', { className: 'avatar', style: `--hue: ${hue}`, 'aria-hidden': 'true' }, initials);
}

function clock(ts) {
  return el('time', { className: 'time', title: new Date(Number(ts) * 1000).toLocaleString() }, clockText(ts));
}

function clockText(ts) {
  return new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
