import { z } from 'zod';
import type { Block } from './blocks.ts';
import { validateView } from './blocks.ts';
import { viewWithIds } from './ids.ts';
import type { Lab, PressAnswer } from './operator.ts';
import { LabError, newViewId, userOf } from './operator.ts';
import type { ViewState } from './payloads.ts';
import { viewClosed, viewSubmission } from './payloads.ts';
import type { LabView, Workspace } from './state.ts';

export interface SubmitAnswer extends Omit<PressAnswer, 'error'> {
  readonly error?: PressAnswer['error'] | 'invalid_response';
  /** Messages under inputs, by block_id: from the form's own limits or from the app. */
  readonly errors?: Readonly<Record<string, string>>;
}

type InputBlock = Extract<Block, { type: 'input' }>;

const responseAction = z.union([
  z.looseObject({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string()) }),
  z.looseObject({ response_action: z.enum(['update', 'push']), view: z.unknown() }),
  z.looseObject({ response_action: z.literal('clear') }),
]);

/** Fills in the top modal by block_id or action_id and submits it. */
export async function submitModal(lab: Lab, userId: string, values: Readonly<Record<string, string>>): Promise<SubmitAnswer> {
  const user = userOf(lab, userId);
  const view = topView(lab.workspace, user.id);
  const inputs = view.blocks.filter((block) => block.type === 'input');
  const errors = inputs.flatMap((block) => formError(block, valueOf(block, values)));
  if (errors.length > 0) return { ok: false, ackMs: 0, errors: Object.fromEntries(errors) };
  const payload = viewSubmission(user, lab.triggers.issue(user.id), view, stateOf(inputs, values));
  const ack = await lab.hub.dispatch({ type: 'interactive', payload });
  if (!ack.acked) return { ok: false, ackMs: ack.ackMs, error: ack.error };
  return { ...applyResponse(lab.workspace, user.id, view, ack.payload), ackMs: ack.ackMs };
}

/** Closes the top modal without submitting it. */
export async function dismissModal(lab: Lab, userId: string): Promise<void> {
  const user = userOf(lab, userId);
  const view = topView(lab.workspace, user.id);
  lab.workspace.setViews(user.id, view.clear_on_close ? [] : lab.workspace.views(user.id).slice(0, -1));
  if (view.notify_on_close) await lab.hub.dispatch({ type: 'interactive', payload: viewClosed(user, view) });
}

function topView(workspace: Workspace, user: string): LabView {
  const view = workspace.views(user).at(-1);
  if (view === undefined) throw new LabError(`${user} has no modal open.`);
  return view;
}

function applyResponse(workspace: Workspace, user: string, view: LabView, payload: unknown): Omit<SubmitAnswer, 'ackMs'> {
  const below = workspace.views(user).filter(({ id }) => id !== view.id);
  const response = responseAction.safeParse(payload);
  if (!response.success) {
    workspace.setViews(user, below);
    return { ok: true };
  }
  if (response.data.response_action === 'errors') return { ok: false, errors: response.data.errors };
  if (response.data.response_action === 'clear') {
    workspace.setViews(user, []);
    return { ok: true };
  }
  const checked = validateView(response.data.view);
  if (!checked.ok) return { ok: false, error: 'invalid_response' };
  const pushed = response.data.response_action === 'push';
  const place = pushed ? { id: newViewId(), rootViewId: view.rootViewId, previousViewId: view.id } : view;
  const { id, rootViewId, previousViewId } = place;
  const next = viewWithIds(checked.view, { id, rootViewId, previousViewId });
  workspace.setViews(user, [...below, ...(pushed ? [view] : []), next]);
  return { ok: true };
}

/** What was filled in, what stands there from the start, or nothing. */
function valueOf({ block_id: blockId = '', element }: InputBlock, values: Readonly<Record<string, string>>): string {
  const given = values[blockId] ?? values[element.action_id ?? ''];
  if (given !== undefined) return given;
  return (element.type === 'static_select' ? element.initial_option?.value : element.initial_value) ?? '';
}

/** The checks that Slack's form makes before it asks the app. */
function formError({ block_id: blockId = '', element, optional }: InputBlock, value: string): [string, string][] {
  if (value === '') return optional ? [] : [[blockId, 'Please complete this required field.']];
  if (element.type === 'static_select') {
    return element.options.some((option) => option.value === value) ? [] : [[blockId, 'Please choose an option.']];
  }
  const { min_length: min = 0, max_length: max = 3000 } = element;
  if (value.length < min) return [[blockId, `Please write at least ${min} characters.`]];
  return value.length > max ? [[blockId, `Please write at most ${max} characters.`]] : [];
}

function stateOf(inputs: readonly InputBlock[], values: Readonly<Record<string, string>>): ViewState {
  const entry = (block: InputBlock): [string, Record<string, unknown>] => {
    const { element } = block;
    const value = valueOf(block, values);
    const filled =
      element.type === 'static_select'
        ? { selected_option: element.options.find((option) => option.value === value) ?? null }
        : { value: value === '' ? null : value };
    return [block.block_id ?? '', { [element.action_id ?? '']: { type: element.type, ...filled } }];
  };
  return Object.fromEntries(inputs.map(entry));
}
