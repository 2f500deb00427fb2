import type { ApiRequest } from './api.ts';
import { badRequest } from './errors.ts';
import { at } from './object.ts';
import type { Objects } from './objects.ts';
import { nameOf, type Target } from './target.ts';

/** The log of one container, or the API server's own words for why there is none. */
export function logOf(objects: Objects, { path }: ApiRequest, target: Target): string {
  const query = new URL(path, 'https://lab').searchParams;
  const pod = objects.get(nameOf(target));
  const [container, previous] = [query.get('container') ?? '', query.get('previous') === 'true'];
  const containers = at(pod, 'spec', 'containers');
  if (!Array.isArray(containers) || !containers.some((each) => at(each, 'name') === container))
    throw badRequest(`container ${container} is not valid for pod ${target.name}`);
  const lines = objects.logs(pod, { container, previous });
  if (lines === undefined) throw badRequest(`previous terminated container "${container}" in pod "${target.name}" not found`);
  return lines
    .slice(-Number(query.get('tailLines') ?? lines.length))
    .map((line) => `${line}\n`)
    .join('');
}
