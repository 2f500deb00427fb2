import { z } from 'zod';
import type { CheckedView } from '../blocks.ts';
import { validateView } from '../blocks.ts';
import { viewWithIds } from '../ids.ts';
import { newViewId } from '../operator.ts';
import { apiView } from '../payloads.ts';
import type { LabView } from '../state.ts';
import type { ApiLab, Methods } from './method.ts';
import { ApiError, json, method } from './method.ts';

const STACK = 3;

export const viewMethods: Methods = {
  'views.open': method({ trigger_id: z.string(), view: json }, (lab, args) => {
    const checked = checkedView(args.view, 'modal');
    const user = redeem(lab, args.trigger_id);
    const id = newViewId();
    const view = viewWithIds(checked, { id, rootViewId: id, previousViewId: null });
    lab.workspace.setViews(user, [view]);
    return { view: apiView(view) };
  }),

  'views.push': method({ trigger_id: z.string(), view: json }, (lab, args) => {
    const checked = checkedView(args.view, 'modal');
    const user = redeem(lab, args.trigger_id);
    const stack = lab.workspace.views(user);
    const top = stack.at(-1);
    if (top === undefined) throw new ApiError('not_found');
    if (stack.length >= STACK) throw new ApiError('push_limit_reached');
    const view = viewWithIds(checked, { id: newViewId(), rootViewId: top.rootViewId, previousViewId: top.id });
    lab.workspace.setViews(user, [...stack, view]);
    return { view: apiView(view) };
  }),

  'views.update': method(
    { view_id: z.string().optional(), external_id: z.string().optional(), hash: z.string().optional(), view: json },
    (lab, args) => {
      const checked = checkedView(args.view, 'modal');
      const { user, view } = openView(lab, args);
      if (args.hash !== undefined && args.hash !== view.hash) throw new ApiError('hash_conflict');
      const { id, rootViewId, previousViewId } = view;
      const next = viewWithIds(checked, { id, rootViewId, previousViewId });
      lab.workspace.setViews(
        user,
        lab.workspace.views(user).map((open) => (open.id === id ? next : open)),
      );
      return { view: apiView(next) };
    },
  ),

  'views.publish': method({ user_id: z.string(), hash: z.string().optional(), view: json }, (lab, args) => {
    const checked = checkedView(args.view, 'home');
    const user = lab.workspace.user(args.user_id);
    if (user === undefined) throw new ApiError('user_not_found');
    const shown = lab.workspace.home(user.id);
    if (args.hash !== undefined && shown !== undefined && args.hash !== shown.hash) throw new ApiError('hash_conflict');
    const id = shown?.id ?? newViewId();
    const view = viewWithIds(checked, { id, rootViewId: id, previousViewId: null });
    lab.workspace.setHome(user.id, view);
    return { view: apiView(view) };
  }),
};

function checkedView(view: unknown, type: CheckedView['type']): CheckedView {
  const checked = validateView(view);
  if (!checked.ok) throw new ApiError('invalid_arguments', checked.messages);
  if (checked.view.type !== type)
    throw new ApiError('invalid_arguments', ['[ERROR] wrong type of view [json-pointer:/view/type]']);
  return checked.view;
}

function redeem(lab: ApiLab, triggerId: string): string {
  const redeemed = lab.triggers.redeem(triggerId);
  if ('error' in redeemed) throw new ApiError(redeemed.error);
  return redeemed.user;
}

function openView(
  lab: ApiLab,
  { view_id: id, external_id: externalId }: { view_id?: string | undefined; external_id?: string | undefined },
) {
  const matches = (view: LabView): boolean => view.id === id || (externalId !== undefined && view.external_id === externalId);
  for (const { id: user } of lab.workspace.users) {
    const view = lab.workspace.views(user).find(matches);
    if (view !== undefined) return { user, view };
  }
  throw new ApiError('not_found');
}
