import { act, el, fill } from './dom.js';
import { failed } from './modal.js';

/** The box to write in. A line that starts with a slash is a command, and its known ways to go on are offered. */
export function composer(store, { placeholder, threadTs }) {
  const offers = el('ul', { className: 'offers', role: 'listbox', hidden: true });
  const field = el('textarea', { rows: 1, placeholder, 'aria-label': placeholder, spellcheck: false });
  const send = el('button', { type: 'submit', className: 'send', 'aria-label': 'Send', title: 'Send' }, '➤');
  const form = el('form', { className: 'composer' }, offers, el('div', { className: 'box' }, field, send));
  const offer = () => showOffers(store, field, offers);
  const submit = () => submitText(store, field, threadTs).finally(offer);
  field.addEventListener('input', offer);
  field.addEventListener('keydown', (event) => onKey(event, { field, offers, offer, submit }));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  return form;
}

function onKey(event, { field, offers, offer, submit }) {
  const items = [...offers.children];
  const at = items.findIndex((item) => item.ariaSelected === 'true');
  if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && items.length > 0) {
    event.preventDefault();
    const next = (at + (event.key === 'ArrowDown' ? 1 : items.length - 1)) % items.length;
    items.forEach((item, index) => {
      item.ariaSelected = String(index === next);
    });
    items[next].scrollIntoView({ block: 'nearest' });
  } else if (event.key === 'Tab' && items.length > 0) {
    event.preventDefault();
    take(items[Math.max(at, 0)], field, offer);
  } else if (event.key === 'Escape') {
    offers.hidden = true;
  } else if (event.key === 'Enter' && !event.shiftKey) {
    event.preventDefault();
    if (at >= 0 && !offers.hidden && items[at].dataset.text !== field.value.trim()) take(items[at], field, offer);
    else void submit();
  }
}

function take(item, field, offer) {
  field.value = item.dataset.text;
  field.focus();
  offer();
}

function showOffers({ commands }, field, offers) {
  const typed = field.value;
  const all = commands.flatMap(({ command, description, usageHint, suggestions = [] }) => [
    { text: `${command} `, shown: command, hint: usageHint, description },
    ...suggestions.map((suggestion) => ({ text: `${command} ${suggestion}`, shown: `${command} ${suggestion}`, hint: '', description: '' })),
  ]);
  const fitting = typed.startsWith('/') ? all.filter(({ text }) => text.startsWith(typed) && text.trim() !== typed.trim()) : [];
  const items = fitting.slice(0, 8).map(({ text, shown, hint, description }) =>
    el(
      'li',
      { role: 'option', 'data-text': text, onmousedown: (event) => (event.preventDefault(), take(event.currentTarget, field, () => showOffers({ commands }, field, offers))) },
      el('b', {}, shown),
      hint ? el('span', { className: 'hint' }, ` ${hint}`) : undefined,
      description ? el('span', { className: 'description' }, description) : undefined,
    ),
  );
  fill(offers, items);
  offers.hidden = items.length === 0;
}

async function submitText(store, field, threadTs) {
  const text = field.value.trim();
  if (text === '') return;
  field.value = '';
  const said = { user: store.me, channel: store.channel, text, ...(threadTs === undefined ? {} : { threadTs }) };
  try {
    await act(text.startsWith('/') ? 'command' : 'say', said);
  } catch (error) {
    failed(error.message);
  }
}
