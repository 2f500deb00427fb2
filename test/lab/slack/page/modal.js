import { renderBlocks } from './blocks.js';
import { act, el } from './dom.js';
import { mrkdwn, plain } from './mrkdwn.js';

/** Asks first where the button wants that, then goes on. */
export function confirmPress({ confirm, text }, go) {
  if (confirm === undefined) return go();
  const label = (part, otherwise) => plain(part?.text ?? otherwise);
  const yes = el('button', { type: 'submit', className: `button ${confirm.style ?? 'primary'}` }, label(confirm.confirm, 'Yes'));
  const dialog = el(
    'dialog',
    { className: 'modal confirm' },
    el('h2', {}, label(confirm.title, text?.text ?? 'Are you sure?')),
    el('div', { className: 'modal-body' }, confirm.text.type === 'mrkdwn' ? mrkdwn(confirm.text.text) : plain(confirm.text.text)),
    el('form', { method: 'dialog', className: 'modal-foot', onsubmit: go }, cancel(dialogOf, label(confirm.deny, 'Cancel')), yes),
  );
  show(dialog);
}

function cancel(dialogFor, label) {
  return el('button', { type: 'button', className: 'button', onclick: (event) => dialogFor(event).close() }, label);
}

function dialogOf(event) {
  return event.target.closest('dialog');
}

function show(dialog) {
  dialog.addEventListener('close', () => dialog.remove());
  document.querySelector('#dialogs').append(dialog);
  dialog.showModal();
}

/** Tells that something did not work. */
export function failed(says) {
  const toast = el('div', { className: 'toast', role: 'alert' }, says);
  document.querySelector('#dialogs').append(toast);
  setTimeout(() => toast.remove(), 6_000);
}

let shown;

/** Shows the top view of this person, or none. */
export function showView(view, user) {
  if (shown?.view.hash === view?.hash) return;
  shown?.dialog.close();
  shown = undefined;
  if (view === undefined) return;
  const dialog = viewDialog(view, user);
  shown = { view, dialog };
  show(dialog);
}

function viewDialog(view, user) {
  const press = (block, element, value) => {
    const send = () => act('press-view', { user, viewId: view.id, actionId: element.action_id, blockId: block.block_id, value });
    confirmPress(element, () => send().catch((error) => failed(error.message)));
  };
  const dismiss = (event) => {
    event.preventDefault();
    act('dismiss', { user }).catch((error) => failed(error.message));
  };
  const close = el('button', { type: 'button', className: 'button', onclick: dismiss }, plain(view.close?.text ?? 'Cancel'));
  const submit = view.submit ? el('button', { type: 'submit', className: 'button primary' }, plain(view.submit.text)) : undefined;
  const form = el(
    'form',
    { onsubmit: (event) => submitForm(event, user), noValidate: true },
    el('h2', {}, plain(view.title.text)),
    el('div', { className: 'modal-body' }, renderBlocks(view.blocks, { key: view.id, press })),
    el('div', { className: 'modal-foot' }, close, submit),
  );
  return el('dialog', { className: 'modal', oncancel: dismiss }, form);
}

async function submitForm(event, user) {
  event.preventDefault();
  const form = event.target;
  const { ok, error, errors = {} } = await act('submit', { user, values: Object.fromEntries(new FormData(form)) });
  for (const place of form.querySelectorAll('[data-error]')) place.textContent = errors[place.dataset.error] ?? '';
  if (!ok && error !== undefined) failed(`The app did not answer (${error}). Try again.`);
}
