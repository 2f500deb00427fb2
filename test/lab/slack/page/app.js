import { renderBlocks } from './blocks.js';
import { composer } from './composer.js';
import { act, arrange, el, fill } from './dom.js';
import { renderMessage } from './messages.js';
import { confirmPress, failed, showView } from './modal.js';
import { dictionary } from './mrkdwn.js';
import { drawSidebar } from './sidebar.js';

const sidebar = document.querySelector('#sidebar');
const channelPane = document.querySelector('#channel');
const threadPane = document.querySelector('#thread');

/** Everything the page knows. `messages` holds all of them in order of posting, by channel and timestamp. */
const store = {
  me: undefined,
  channel: undefined,
  thread: undefined,
  showsHome: false,
  messages: new Map(),
  views: new Map(),
  homes: new Map(),
  unread: new Set(),
  drawn: new Map(),
  dismissed: new Set(),
  inThread: (ts) => visible().filter((message) => message.threadTs === ts && message.ts !== ts),
  openThread,
};

const keyOf = ({ channel, ts }) => `${channel}/${ts}`;

function visible() {
  const mine = ({ channel, visibleTo }) => channel === store.channel && (visibleTo === undefined || visibleTo === store.me);
  return [...store.messages.values()].filter(mine);
}

const inMain = ({ threadTs, ts }) => threadTs === undefined || threadTs === ts;

const CHANGES = {
  state(state) {
    const { users, channels, messages, views, homes, bot, slackbot, commands } = state;
    Object.assign(store, { users, channels, bot, slackbot, commands });
    dictionary.users = new Map([...users.map(({ id, label }) => [id, label]), [bot.id, bot.name], [slackbot, 'Slackbot']]);
    dictionary.channels = new Map(channels.map(({ id, name }) => [id, name]));
    store.messages = new Map(messages.map((message) => [keyOf(message), message]));
    store.views = new Map(views.map(({ user, views: stack }) => [user, stack]));
    store.homes = new Map(homes.map(({ user, view }) => [user, view]));
    startFrom(location);
  },
  message({ message }) {
    const fresh = !store.messages.has(keyOf(message));
    store.messages.set(keyOf(message), message);
    if (fresh && message.channel !== store.channel) store.unread.add(message.channel);
    if (fresh) followBot(message);
  },
  deleted: (message) => void store.messages.delete(keyOf(message)),
  views: ({ user, views }) => void store.views.set(user, views),
  home: ({ user, view }) => void store.homes.set(user, view),
  channel({ channel }) {
    store.channels = [...store.channels, channel];
  },
};

/** The page opens at what its address names: `/archives/C…/p…`, and `?as=` a user. */
function startFrom({ pathname, search }) {
  const [, , channel, permalink] = pathname.split('/');
  const query = new URLSearchParams(search);
  store.me ??= query.get('as') ?? store.users[0].id;
  store.channel ??= channel ?? store.channels[0].id;
  const ts = permalink?.replace(/^p(\d+)(\d{6})$/, '$1.$2');
  store.thread ??= query.get('thread_ts') ?? ts;
}

/** A thread that the bot begins opens by itself, unless it was closed or another is being read and is newer. */
function followBot({ user, channel, threadTs, ts, visibleTo }) {
  const concerns = channel === store.channel && user === store.bot.id && threadTs !== undefined && threadTs !== ts && visibleTo === undefined;
  if (!concerns || store.dismissed.has(threadTs)) return;
  if (store.thread === undefined || Number(threadTs) > Number(store.thread)) openThread(threadTs);
}

function openThread(ts) {
  store.thread = ts;
  store.dismissed.delete(ts);
  schedule();
}

function closeThread() {
  store.dismissed.add(store.thread);
  store.thread = undefined;
  schedule();
}

function openChannel(id) {
  Object.assign(store, { channel: id, thread: undefined, showsHome: false });
  store.unread.delete(id);
  schedule();
}

function openHome() {
  Object.assign(store, { showsHome: true, thread: undefined });
  act('home', { user: store.me }).catch((error) => failed(error.message));
  schedule();
}

let scheduled = false;

/** Draws once per frame, however many changes arrived. */
function schedule() {
  if (scheduled || store.me === undefined) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    drawSidebar(sidebar, store, { openChannel, openHome, switchTo });
    drawChannel();
    drawThread();
    showView(store.views.get(store.me)?.at(-1), store.me);
  });
}

function switchTo(user) {
  store.me = user;
  const here = store.channels.find(({ id }) => id === store.channel);
  if (here?.with !== undefined && here.with !== user) store.channel = store.channels[0].id;
  schedule();
}

function drawChannel() {
  if (store.showsHome) return drawHome();
  const name = dictionary.channels.get(store.channel);
  const title = name === undefined || name === 'directmessage' ? store.bot.name : `# ${name}`;
  const messages = visible().filter(inMain);
  pane(channelPane, {
    id: store.channel,
    head: el('header', {}, el('h1', {}, title)),
    messages: listed(messages, false),
    composer: () => composer(store, { placeholder: `Message ${title.replace('# ', '#')}` }),
  });
}

function drawHome() {
  const view = store.homes.get(store.me);
  const press = (block, element, value) => {
    const send = () => act('press-view', { user: store.me, viewId: view.id, actionId: element.action_id, blockId: block.block_id, value });
    confirmPress(element, () => send().catch((error) => failed(error.message)));
  };
  const blocks = view === undefined ? [el('p', {}, 'The app has not published a Home tab.')] : renderBlocks(view.blocks, { key: view.id, press });
  channelPane.dataset.shows = 'home';
  fill(channelPane, el('header', {}, el('h1', {}, `${store.bot.name} Home`)), el('div', { className: 'list home' }, blocks));
}

function drawThread() {
  const root = store.thread === undefined ? undefined : store.messages.get(`${store.channel}/${store.thread}`);
  threadPane.hidden = root === undefined;
  if (root === undefined) return;
  const replies = store.inThread(root.ts);
  const count = replies.length === 0 ? [] : [repliesRule(replies.length)];
  const close = el('button', { type: 'button', className: 'close', 'aria-label': 'Close thread', onclick: closeThread }, '✕');
  pane(threadPane, {
    id: root.ts,
    head: el('header', {}, el('h1', {}, 'Thread'), close),
    messages: [...listed([root], true), ...count, ...listed(replies, true)],
    composer: () => composer(store, { placeholder: 'Reply…', threadTs: root.ts }),
  });
}

function repliesRule(count) {
  return el('div', { className: 'count' }, `${count} ${count === 1 ? 'reply' : 'replies'}`);
}

/** Messages of one person within five minutes share a head. A message that did not change keeps its node. */
function listed(messages, inThread) {
  return messages.map((message, index) => {
    const follows = belongsTo(messages[index - 1], message);
    const key = `${inThread} ${follows} ${store.me} ${keyOf(message)}`;
    const drawn = store.drawn.get(key);
    if (drawn?.message === message) return drawn.node;
    const node = renderMessage(message, store, { inThread, follows });
    store.drawn.set(key, { message, node });
    return node;
  });
}

function belongsTo(before, message) {
  const public_ = before?.visibleTo === undefined && message.visibleTo === undefined;
  return public_ && before?.user === message.user && Number(message.ts) - Number(before.ts) < 300;
}

/** Draws a list over a composer; the composer and the place one had scrolled to survive, unless it was the end. */
function pane(node, { id, head, messages, composer: makeComposer }) {
  const old = node.querySelector('.list');
  const same = node.dataset.shows === id && old !== null;
  const atEnd = !same || old.scrollHeight - old.scrollTop - old.clientHeight < 60;
  const scrolled = old?.scrollTop ?? 0;
  if (!same) fill(node, head, el('div', { className: 'list' }), makeComposer());
  node.dataset.shows = id;
  const list = node.querySelector('.list');
  arrange(list, messages);
  list.scrollTop = atEnd ? list.scrollHeight : scrolled;
}

const emoji = await fetch('/page/emoji.json');
dictionary.emoji = await emoji.json();
const events = new EventSource('/page/events');
events.onmessage = ({ data }) => {
  const { kind, ...change } = JSON.parse(data);
  CHANGES[kind](change);
  schedule();
};
