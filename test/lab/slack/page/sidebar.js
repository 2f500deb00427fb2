import { el, fill } from './dom.js';
import { avatar } from './messages.js';

/** Draws the channels and the people, when something about them changed. */
export function drawSidebar(node, store, { openChannel, openHome, switchTo }) {
  const { channels, users, channel: shown, me, showsHome, unread, bot } = store;
  const inputs = JSON.stringify([channels, users, shown, me, showsHome, [...unread]]);
  if (node.dataset.shows === inputs) return;
  node.dataset.shows = inputs;
  const room = ({ id, name, with: other }) => {
    const sign = other === undefined ? el('span', { className: 'hash' }, '#') : el('span', { className: 'dot' });
    const state = { active: id === shown && !showsHome, unread: unread.has(id) };
    return row(state, () => openChannel(id), sign, other === undefined ? name : bot.name);
  };
  const person = (user) => {
    const you = user.id === me ? [el('span', { className: 'you' }, 'you')] : [];
    return row({ active: user.id === me }, () => switchTo(user.id), avatar(user.id, store), el('span', {}, user.label), ...you);
  };
  fill(
    node,
    el('div', { className: 'workspace' }, `${bot.name} demo`),
    heading('Channels'),
    channels.filter((channel) => channel.with === undefined).map(room),
    heading('Apps'),
    channels.filter((channel) => channel.with === me).map(room),
    row({ active: showsHome }, openHome, el('span', { className: 'dot' }), `${bot.name} Home`),
    el('div', { className: 'space' }),
    heading('Acting as'),
    users.map(person),
  );
}

function heading(text) {
  return el('h2', {}, text);
}

function row({ active = false, unread = false }, onclick, ...content) {
  const className = `row ${active ? 'active' : ''} ${unread ? 'unread' : ''}`;
  return el('button', { type: 'button', className, onclick }, content);
}
